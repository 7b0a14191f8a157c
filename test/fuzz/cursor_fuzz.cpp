// A cursor that decodes is, padding aside, the one encoding of its payload; every
// clean payload comes back from its cursor.
#include "property.hpp"

#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"

using namespace inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    try {
        std::string_view canonical = input;
        const std::string payload = decode_cursor(input);
        while (canonical.ends_with('=')) {
            canonical.remove_suffix(1);
        }
        require(encode_cursor(payload) == canonical, "a cursor is canonical");
    } catch (const Error &error) {
        require(error.code() == Code::cursor_invalid, "a bad cursor is an invalid cursor");
    }
    if (!input.empty() && input.size() <= 8192 && is_clean_utf8(input)) {
        require(decode_cursor(encode_cursor(input)) == input, "a payload comes back");
    }
    return 0;
}
