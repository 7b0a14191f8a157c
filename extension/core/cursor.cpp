#include "core/cursor.hpp"

#include "core/base64url.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"

namespace inventory {
namespace {

constexpr std::string_view prefix = "v1.";
constexpr std::size_t max_payload_bytes = 8192;
/// What that many bytes encode to, with padding.
constexpr std::size_t max_encoded_bytes = (max_payload_bytes + 2) / 3 * 4;

[[noreturn]] void reject(std::string detail) {
    throw Error(Code::cursor_invalid, std::move(detail),
                "Take the cursor from a link of an answer, as it is.");
}

} // namespace

std::string encode_cursor(std::string_view payload) {
    return std::string(prefix) + encode_base64url(payload);
}

std::string decode_cursor(std::string_view cursor) {
    if (!cursor.starts_with(prefix)) {
        reject("The cursor " + quote_for_message(cursor) + " does not begin with \"v1.\".");
    }
    const std::string_view encoded = cursor.substr(prefix.size());
    if (encoded.size() > max_encoded_bytes) {
        reject("The cursor is longer than any that was given out.");
    }
    std::optional<std::string> payload = decode_base64url(encoded);
    if (!payload) {
        reject("The cursor " + quote_for_message(cursor) + " is not \"v1.\" and base64url.");
    }
    if (payload->empty() || payload->size() > max_payload_bytes || !is_clean_utf8(*payload)) {
        reject("The cursor " + quote_for_message(cursor) + " holds no payload that was given out.");
    }
    return *std::move(payload);
}

} // namespace inventory
