#pragma once

#include "core/binder.hpp"
#include "core/catalogue.hpp"
#include "core/rsql_tree.hpp"

#include <string>

namespace inventory {

/// Writes the SQL condition of a filter (rsql.md rules 8 to 15, 19): columns come
/// from the catalogue, values go through the binder, and for every row exactly
/// one of `F==v` and `F!=v` holds. The condition is in parentheses and never null
/// where it decides. Throws Error(filter_field, filter_operator, filter_value)
/// with the code point, the allowed values or the nearest field.
///
///     ParameterBinder binder;
///     write_condition(parse_rsql("class==A"), catalogue, binder)
///     // (coalesce(a.class_rank, 5) = any($1)), and {1} bound
std::string write_condition(const RsqlNode &filter, const Catalogue &catalogue, Binder &binder);

} // namespace inventory
