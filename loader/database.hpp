#pragma once

#include "loader/documents.hpp"

#include <libpq-fe.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::loader {

/// What the database said no to; `what()` holds its message, detail and hint.
class DatabaseError : public std::runtime_error {
public:
    DatabaseError(const std::string &text, std::string sqlstate)
        : std::runtime_error(text), sqlstate_(std::move(sqlstate)) {}
    const std::string &sqlstate() const noexcept { return sqlstate_; }

private:
    std::string sqlstate_;
};

/// A row of import_documents().
struct Outcome {
    std::size_t n; ///< Of the document, from 1.
    std::string action;
    std::string rejected;
};

/// One session; every function throws DatabaseError.
class Database {
public:
    explicit Database(const std::string &conninfo);

    /// Whether the columns are those of a CSV import.
    void check_csv_columns(const std::vector<std::string> &header);

    /// Writes a chunk in one transaction, again when it met another writer.
    std::vector<Outcome> import_documents(const std::string &scope, std::string_view format,
                                          const std::string &image,
                                          std::span<const std::string_view> documents);

private:
    using Result = std::unique_ptr<PGresult, void (*)(PGresult *)>;

    Result checked(PGresult *result, ExecStatusType wanted);
    Result run(const char *statement, std::span<const char *const> values = {});
    void copy(std::span<const std::string_view> documents);
    void put(std::string_view bytes);
    std::vector<Outcome> import_once(const std::string &scope, std::string_view format,
                                     const std::string &image,
                                     std::span<const std::string_view> documents);

    std::unique_ptr<PGconn, void (*)(PGconn *)> connection_;
};

} // namespace inventory::loader
