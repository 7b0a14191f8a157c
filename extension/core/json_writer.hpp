#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inventory {

/// Appends `text` as a JSON string, quotes included (RFC 8259 §7). UTF-8 passes
/// through; only `"`, `\` and control characters are escaped.
void append_json_string(std::string &out, std::string_view text);

/// Appends a decimal integer.
void append_integer(std::string &out, std::int64_t value);

/// Writes JSON at the end of a string that the caller owns. Commas come by
/// themselves; nesting is the caller's to balance. Not checked: it is the hot
/// path of every page.
///
///     JsonWriter(out).begin_object().key("id").string(id).end_object();
class JsonWriter {
public:
    explicit JsonWriter(std::string &out) noexcept : out_(out) {}

    JsonWriter &begin_object() { return open('{'); }
    JsonWriter &end_object() { return close('}'); }
    JsonWriter &begin_array() { return open('['); }
    JsonWriter &end_array() { return close(']'); }
    /// A member's name; the value must follow.
    JsonWriter &key(std::string_view name) {
        separate();
        append_json_string(out_, name);
        out_ += ':';
        return *this;
    }
    JsonWriter &string(std::string_view text) {
        separate();
        append_json_string(out_, text);
        return *this;
    }
    JsonWriter &integer(std::int64_t value) {
        separate();
        append_integer(out_, value);
        return *this;
    }
    JsonWriter &boolean(bool value) { return raw(value ? "true" : "false"); }
    JsonWriter &null() { return raw("null"); }
    /// A value that is JSON already.
    JsonWriter &raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }
    std::string &buffer() noexcept { return out_; }

private:
    JsonWriter &open(char bracket) {
        separate();
        out_ += bracket;
        return *this;
    }
    JsonWriter &close(char bracket) {
        out_ += bracket;
        return *this;
    }
    /// A comma is due unless a container or a member's value has just begun.
    void separate() {
        if (!out_.empty()) {
            const char last = out_.back();
            if (last != '{' && last != '[' && last != ':') {
                out_ += ',';
            }
        }
    }

    std::string &out_;
};

} // namespace inventory
