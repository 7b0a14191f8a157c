#include "loader/database.hpp"

#include "core/json_writer.hpp"

#include <array>
#include <cstdlib>

namespace inventory::loader {
namespace {

std::string_view trimmed(std::string_view text) {
    return text.substr(0, text.find_last_not_of(" \n") + 1);
}

/// Message, detail and hint, each a line.
std::string describe(const PGresult *result, PGconn *connection) {
    std::string text;
    for (const int field :
         {PG_DIAG_MESSAGE_PRIMARY, PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
        const char *part = PQresultErrorField(result, field);
        if (part != nullptr && *part != '\0') {
            text += (text.empty() ? "" : "\n") + std::string(part);
        }
    }
    return text.empty() ? std::string(trimmed(PQerrorMessage(connection))) : text;
}

/// COPY's text format.
void append_copy_text(std::string &out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += c;
        }
    }
}

} // namespace

Database::Database(const std::string &conninfo) : connection_(nullptr, PQfinish) {
    const std::array keys{"dbname", "fallback_application_name", "client_encoding",
                          static_cast<const char *>(nullptr)};
    const std::array values{conninfo.c_str(), "asset-inventory-load", "UTF8",
                            static_cast<const char *>(nullptr)};
    connection_.reset(PQconnectdbParams(keys.data(), values.data(), 1));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw DatabaseError(std::string(trimmed(PQerrorMessage(connection_.get()))), "08001");
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void *, const char *) {}, nullptr);
    run("create temporary table asset_inventory_load (n int, document text) on commit delete rows");
}

Database::Result Database::checked(PGresult *given, ExecStatusType wanted) {
    Result result(given, PQclear);
    if (PQresultStatus(given) != wanted) {
        const char *sqlstate = PQresultErrorField(given, PG_DIAG_SQLSTATE);
        throw DatabaseError(describe(given, connection_.get()),
                            sqlstate == nullptr ? "08006" : sqlstate);
    }
    return result;
}

Database::Result Database::run(const char *statement, std::span<const char *const> values) {
    const bool is_query = std::string_view(statement).starts_with("select");
    return checked(PQexecParams(connection_.get(), statement, static_cast<int>(values.size()),
                                nullptr, values.data(), nullptr, nullptr, 0),
                   is_query ? PGRES_TUPLES_OK : PGRES_COMMAND_OK);
}

void Database::check_csv_columns(const std::vector<std::string> &header) {
    std::string columns;
    JsonWriter json(columns);
    json.begin_array();
    for (const auto &name : header) {
        json.string(name);
    }
    json.end_array();
    const std::array values{columns.c_str()};
    run("select inventory.check_csv_columns(array(select jsonb_array_elements_text($1::jsonb)))",
        values);
}

void Database::put(std::string_view bytes) {
    if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw DatabaseError(std::string(trimmed(PQerrorMessage(connection_.get()))), "08006");
    }
}

void Database::copy(std::span<const std::string_view> documents) {
    constexpr std::size_t flush_size = std::size_t{1} << 16;
    checked(PQexec(connection_.get(), "copy pg_temp.asset_inventory_load (n, document) from stdin"),
            PGRES_COPY_IN);
    std::string rows;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        rows += std::to_string(i + 1) + '\t';
        append_copy_text(rows, documents[i]);
        rows += '\n';
        if (rows.size() > flush_size) {
            put(rows);
            rows.clear();
        }
    }
    put(rows);
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) {
        throw DatabaseError(std::string(trimmed(PQerrorMessage(connection_.get()))), "08006");
    }
    checked(PQgetResult(connection_.get()), PGRES_COMMAND_OK);
    while (PGresult *rest = PQgetResult(connection_.get())) {
        PQclear(rest);
    }
}

std::vector<Outcome> Database::import_once(const std::string &scope, std::string_view format,
                                           const std::string &image,
                                           std::span<const std::string_view> documents) {
    run("begin");
    copy(documents);
    const std::string format_text(format);
    const std::array values{scope.c_str(), format_text.c_str(),
                            image.empty() ? nullptr : image.c_str()};
    const auto rows =
        run("select n, action, rejected from inventory.import_documents($1, $2, "
            "(select array_agg(document order by n) from pg_temp.asset_inventory_load), $3)",
            values);
    run("commit");
    std::vector<Outcome> outcomes;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        outcomes.push_back({std::strtoul(PQgetvalue(rows.get(), i, 0), nullptr, 10),
                            PQgetvalue(rows.get(), i, 1), PQgetvalue(rows.get(), i, 2)});
    }
    return outcomes;
}

std::vector<Outcome> Database::import_documents(const std::string &scope, std::string_view format,
                                                const std::string &image,
                                                std::span<const std::string_view> documents) {
    constexpr int most_attempts = 5;
    for (int attempt = 1;; ++attempt) {
        try {
            return import_once(scope, format, image, documents);
        } catch (const DatabaseError &error) {
            // A deadlock or a serialization failure; whatever else stays wrong.
            const bool may_pass = error.sqlstate() == "40P01" || error.sqlstate() == "40001";
            if (!may_pass || attempt == most_attempts) {
                throw;
            }
            run("rollback");
        }
    }
}

} // namespace inventory::loader
