#pragma once

#include "core/page_query.hpp"
#include "pg/datum.hpp"
#include "pg/guard.hpp"

#include <cstdint>
#include <span>

namespace inventory::pg {

/// An SPI connection. After a Postgres error the (sub)transaction abort closes it,
/// as Postgres itself would; otherwise the destructor does.
class Spi {
public:
    Spi() { call(&SPI_connect); }
    ~Spi() {
        if (!unwinding()) {
            SPI_finish();
        }
    }
    Spi(const Spi &) = delete;
    Spi &operator=(const Spi &) = delete;
};

/// Runs its owner's statements in a subtransaction, so that a Postgres error can be
/// answered instead of raised. Without `commit` it is rolled back.
class Subtransaction {
public:
    Subtransaction();
    ~Subtransaction();
    void commit();
    Subtransaction(const Subtransaction &) = delete;
    Subtransaction &operator=(const Subtransaction &) = delete;

private:
    MemoryContext context_;
    ResourceOwner owner_;
    bool is_open_ = true;
};

/// How a kept plan treats its parameters.
enum class PlanKind {
    generic, ///< Planned once; for shapes whose plan no value can change. Not with Citus.
    custom,  ///< Planned with the values, at each run; for conditions of any selectivity.
};

/// The current row of a running statement. Values live until the next row.
class Row {
public:
    Row(const Datum *values, const bool *nulls) noexcept : values_(values), nulls_(nulls) {}
    bool is_null(int column) const noexcept { return nulls_[column]; }
    Datum operator[](int column) const noexcept { return values_[column]; }

private:
    const Datum *values_;
    const bool *nulls_;
};

namespace detail {

/// A DestReceiver that hands each row, as the executor makes it, to a callback.
struct RowSink {
    DestReceiver receiver; // first: Postgres hands back a pointer to it
    void (*each)(const Row &row, void *context);
    void *context;
};

std::uint64_t run(const Statement &statement, PlanKind kind, bool is_read_only, RowSink *sink);
RowSink make_sink(void (*each)(const Row &row, void *context), void *context);

} // namespace detail

/// Runs a statement with its plan kept by text and kind, and calls `each(row)` for
/// every row. Returns the number of rows that it processed. Must be called inside
/// of an Spi. Throws Error(schema_outdated) when the tables lack what it names.
template <typename Each>
std::uint64_t query(const Statement &statement, PlanKind kind, Each each) {
    detail::RowSink sink = detail::make_sink(
        [](const Row &row, void *context) { (*static_cast<Each *>(context))(row); }, &each);
    return detail::run(statement, kind, true, &sink);
}

/// The same for a statement that writes; the rows are those of RETURNING.
template <typename Each>
std::uint64_t modify(const Statement &statement, Each each) {
    detail::RowSink sink = detail::make_sink(
        [](const Row &row, void *context) { (*static_cast<Each *>(context))(row); }, &each);
    return detail::run(statement, PlanKind::custom, false, &sink);
}

/// Whether Citus is there, so that the tables may be on other nodes. Statements then have
/// custom plans: Citus makes no generic one of more than a plain look-up, and a row that a
/// statement reads has no version here. A look-up in the cache of the catalogue.
bool may_be_distributed();

/// A parameter as Postgres takes it, in the current memory context, and its type.
Datum to_datum(const Param &param);
Oid type_of(const Param &param) noexcept;

/// The number of kept plans; for tests of their bound.
std::size_t kept_plans() noexcept;

} // namespace inventory::pg
