#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// A query parameter, decoded once (`+` is a space, `%XX` a byte).
struct Parameter {
    std::string name;
    std::string value;
};

/// A request target in origin form, taken apart.
struct Target {
    std::vector<std::string> segments; ///< Of the path, percent-decoded once; "/a/b" has two.
    std::vector<Parameter> parameters; ///< In the order of the request; repeated ones are kept.

    /// The value of the parameter of this name, or nothing.
    const std::string *find(std::string_view name) const noexcept;
};

/// Takes a request target apart: path and query, split at `&` only (never at
/// `;`), each name and value decoded exactly once. An empty item between two `&`
/// is passed over; an item without `=` has an empty value. Throws
/// Error(invalid_target), naming the parameter when it is in a value: a broken
/// percent escape, invalid UTF-8, U+0000. A path must begin with `/`; an empty
/// segment (`//`, a trailing `/`) is kept as an empty string, so that no route
/// matches it.
Target parse_target(std::string_view target);

/// Appends `text` percent-encoded: all but the unreserved characters of RFC 3986
/// (letters, digits, `-._~`).
void append_percent_encoded(std::string &out, std::string_view text);

} // namespace inventory
