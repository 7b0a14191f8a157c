#pragma once

#include "core/binder.hpp"
#include "core/catalogue.hpp"
#include "core/error.hpp"
#include "core/rsql_tree.hpp"

#include <cstdint>
#include <string>

namespace inventory {

// The values of a filter as what their fields hold (rsql.md rules 13, 14). Each throws
// Error(filter_value) with the code point and the form that would be right.

std::int64_t read_integer(FieldKind kind, const RsqlNode &node, const RsqlValue &value);
TimeParam read_time(const RsqlNode &node, const RsqlValue &value);
Uuid read_uuid(const RsqlNode &node, const RsqlValue &value);
/// Of tables outside of the inventory: the text of a number or boolean, checked.
std::string read_spelled(FieldKind kind, const RsqlNode &node, const RsqlValue &value);

/// Whether the value is the one that stands for a missing one in sort keys.
bool is_sentinel(FieldKind kind, std::string_view text);

/// What values of the kind look like; a sentence without its capital.
std::string form_of(FieldKind kind);

/// The error for a value that its field cannot have.
Error wrong_value(const RsqlNode &node, const RsqlValue &value, const std::string &hint);

/// ` at code point N`
std::string at_code_point(std::size_t position);

} // namespace inventory
