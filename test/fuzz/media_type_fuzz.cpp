// Content negotiation ignores the case of a header and white space around it, and
// a body type that is one range of `accept` is one that is served.
#include "property.hpp"

#include "core/media_type.hpp"

#include <string>

using namespace inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    std::string upper = "\t ";
    for (const char c : input) {
        upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    }
    upper += " \t";
    require(accepts_json_api(upper) == accepts_json_api(input), "accept ignores case and blanks");
    require(is_body_type(upper) == is_body_type(input), "content-type ignores case and blanks");
    if (is_body_type(input)) {
        const std::string accept = "text/html, " + std::string(input);
        require(accepts_json_api(accept) || accepts_json_api(std::string(input) + ";q=1"),
                "a body type is served");
    }
    return 0;
}
