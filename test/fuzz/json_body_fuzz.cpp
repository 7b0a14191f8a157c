// What is read dumps to a text that is read as the same document, and a reader
// that is less strict reads it alike.
#include "property.hpp"

#include "core/error.hpp"
#include "core/json_body.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

using namespace inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    try {
        const nlohmann::json document = parse_json_body(input);
        require(parse_json_body(document.dump()) == document, "a dump is read as it was");
        require(nlohmann::json::parse(input) == document, "another reader agrees");
    } catch (const Error &error) {
        require(error.code() == Code::body_syntax, "a bad body is a syntax error");
        require(is_clean_utf8(error.detail()) && error.detail().size() < 1000,
                "messages are short UTF-8");
    }
    return 0;
}
