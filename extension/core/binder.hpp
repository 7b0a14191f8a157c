#pragma once

#include "core/place_set.hpp"
#include "core/timestamp.hpp"
#include "core/uuid.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace inventory {

/// A time as a parameter, apart from a plain integer.
struct TimeParam {
    UnixMicros micros = 0;
    bool operator==(const TimeParam &) const = default;
};

/// JSON text, bound as jsonb.
struct JsonParam {
    std::string text;
    bool operator==(const JsonParam &) const = default;
};

/// A value of a statement; each alternative has one SQL type (see `sql_type`).
using Param = std::variant<std::string, std::int64_t, TimeParam, Uuid, JsonParam,
                           std::vector<std::string>, std::vector<std::int64_t>,
                           std::vector<TimeParam>, std::vector<Uuid>, std::vector<Place>>;

/// text, bigint, timestamptz, uuid, jsonb, text[], bigint[], timestamptz[], uuid[], tid[].
std::string_view sql_type(const Param &param) noexcept;

/// Where the values of generated SQL go: it returns the text that stands for the
/// value in the statement.
class Binder {
public:
    virtual ~Binder() = default;
    virtual std::string bind(Param value) = 0;
};

/// Collects parameters: `$1`, `$2`, … so that the statement's text depends only
/// on the shape of the request (rsql.md rule 19).
class ParameterBinder final : public Binder {
public:
    std::string bind(Param value) override;
    const std::vector<Param> &values() const noexcept { return values_; }

private:
    std::vector<Param> values_;
};

/// Writes literals, for a condition that a person pastes (inventory.rsql_to_sql).
class LiteralBinder final : public Binder {
public:
    std::string bind(Param value) override;
};

/// `text` as an SQL string literal that reads the same under any setting of
/// standard_conforming_strings.
std::string quote_sql_literal(std::string_view text);

} // namespace inventory
