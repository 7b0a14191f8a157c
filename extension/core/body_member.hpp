#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace inventory {

/// A value of a request body and where it is: what a reader of bodies walks along, so
/// that every error has its pointer. Refers to the body, which must outlive it.
///
///     const BodyMember data = required_member(BodyMember{body, ""}, "data");
struct BodyMember {
    const nlohmann::json &value;
    std::string pointer; ///< JSON Pointer (RFC 6901); empty for the whole body.

    /// The pointer of a member of this, whether it is there or not.
    std::string pointer_to(std::string_view member) const;
    /// An element of this array.
    BodyMember item(std::size_t n) const;
    /// A member of this object, if it is there.
    std::optional<BodyMember> member(const char *name) const;
};

/// Throws Error(body_invalid) at the pointer.
[[noreturn]] void reject_member(std::string_view pointer, std::string detail,
                                std::string_view hint = {});

/// Refuses what is not an object; `what` begins the sentence of the error.
void check_object(const BodyMember &place, std::string_view what, std::string_view hint = {});

/// Refuses a member that is not one of `known`.
void check_members(const BodyMember &place, std::initializer_list<std::string_view> known,
                   std::string_view what);

/// The member of this name, which must be there; a missing one is pointed at where it
/// would be.
BodyMember required_member(const BodyMember &place, const char *name);

/// The same for a string.
std::string required_string(const BodyMember &place, const char *name);

} // namespace inventory
