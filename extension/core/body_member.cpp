#include "core/body_member.hpp"

#include "core/error.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace inventory {
namespace {

std::string list(std::initializer_list<std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        out += (out.empty() ? "" : ", ") + std::string(name);
    }
    return out;
}

} // namespace

std::string BodyMember::pointer_to(std::string_view member) const {
    std::string out = pointer + '/';
    for (const char c : member) {
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return out;
}

BodyMember BodyMember::item(std::size_t n) const {
    return {value[n], pointer + '/' + std::to_string(n)};
}

std::optional<BodyMember> BodyMember::member(const char *name) const {
    const auto found = value.find(name);
    if (found == value.end()) {
        return std::nullopt;
    }
    return BodyMember{*found, pointer_to(name)};
}

void reject_member(std::string_view pointer, std::string detail, std::string_view hint) {
    throw Error(Code::body_invalid, std::move(detail), std::string(hint)).in_pointer(pointer);
}

void check_object(const BodyMember &place, std::string_view what, std::string_view hint) {
    if (!place.value.is_object()) {
        reject_member(place.pointer,
                      std::string(what) + " is not an object but " + place.value.type_name() + '.',
                      hint);
    }
}

void check_members(const BodyMember &place, std::initializer_list<std::string_view> known,
                   std::string_view what) {
    for (const auto &[name, value] : place.value.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            reject_member(place.pointer_to(name),
                          std::string(what) + " has no member " + quote_for_message(name) + '.',
                          "It has " + list(known) + '.');
        }
    }
}

BodyMember required_member(const BodyMember &place, const char *name) {
    auto found = place.member(name);
    if (!found) {
        reject_member(place.pointer_to(name), "The member " + std::string(name) + " is missing.");
    }
    return *std::move(found);
}

std::string required_string(const BodyMember &place, const char *name) {
    const BodyMember found = required_member(place, name);
    if (!found.value.is_string()) {
        reject_member(found.pointer, "The member " + std::string(name) + " is not a string.");
    }
    return found.value.get<std::string>();
}

} // namespace inventory
