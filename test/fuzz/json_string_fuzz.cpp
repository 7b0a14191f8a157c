// A JSON string that was written is read back by another parser as what it was.
#include "property.hpp"

#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

using namespace inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    std::string written;
    append_json_string(written, input);
    if (is_clean_utf8(input)) {
        require(nlohmann::json::parse(written).get<std::string>() == input,
                "a string is read as it was");
    } else {
        const std::string quoted = quote_for_message(input, 10);
        require(is_clean_utf8(quoted), "a quotation is UTF-8 whatever was quoted");
    }
    return 0;
}
