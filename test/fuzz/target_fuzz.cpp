// A target that was taken apart, encoded again and taken apart again, is the same.
#include "property.hpp"

#include "core/error.hpp"
#include "core/target.hpp"
#include "core/utf8.hpp"

namespace {

using namespace inventory;

std::string encode(const Target &target) {
    std::string out;
    for (const std::string &segment : target.segments) {
        out += '/';
        append_percent_encoded(out, segment);
    }
    char separator = '?';
    for (const Parameter &parameter : target.parameters) {
        out += separator;
        separator = '&';
        append_percent_encoded(out, parameter.name);
        out += '=';
        append_percent_encoded(out, parameter.value);
    }
    return out;
}

bool is_same(const Target &a, const Target &b) {
    if (a.segments != b.segments || a.parameters.size() != b.parameters.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        if (a.parameters[i].name != b.parameters[i].name ||
            a.parameters[i].value != b.parameters[i].value) {
            return false;
        }
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    try {
        const Target target = parse_target(as_text(data, size));
        for (const std::string &segment : target.segments) {
            require(is_clean_utf8(segment), "segments are UTF-8");
        }
        for (const Parameter &parameter : target.parameters) {
            require(is_clean_utf8(parameter.name) && is_clean_utf8(parameter.value),
                    "parameters are UTF-8");
        }
        require(is_same(parse_target(encode(target)), target), "decoding undoes encoding");
    } catch (const Error &error) {
        require(error.code() == Code::invalid_target, "a bad target is an invalid target");
        require(is_clean_utf8(error.detail()), "messages are UTF-8");
    }
    return 0;
}
