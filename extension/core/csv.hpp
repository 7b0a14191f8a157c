#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// Reads CSV (RFC 4180) record by record. Lines end in LF or CRLF; a quoted field
/// may hold either. A quote inside of an unquoted field stands for itself. Blank
/// lines are skipped, and so is a byte order mark. Quotes that do not close, or
/// that text follows, spoil their record only, up to the end of its line.
///
///     CsvReader reader(text);
///     for (CsvRecord record; reader.next(record);) …
struct CsvRecord {
    std::vector<std::string> fields;
    std::size_t begin = 0; ///< Offset of its first byte.
    std::size_t line = 0;  ///< From 1, the line it begins on.
    std::string fault;     ///< Why it cannot be read; then the fields mean nothing.
};

class CsvReader {
public:
    /// The text must outlive the reader. `is_whole`: no more follows it, so a last
    /// line without a line end is a record.
    explicit CsvReader(std::string_view text, bool is_whole = true, std::size_t first_line = 1);

    /// False at the end, or where the record is not complete yet.
    bool next(CsvRecord &record);

    /// The offset behind the last record.
    std::size_t position() const noexcept { return position_; }
    /// The line that follows it.
    std::size_t line() const noexcept { return line_; }

private:
    enum class Field { more, last, incomplete };

    Field read_field(std::size_t &at, std::string &field, std::string &fault) const;
    Field end_of_field(std::size_t &at) const;

    std::string_view text_;
    bool is_whole_;
    std::size_t position_ = 0;
    std::size_t line_;
};

/// A JSON object of the record's fields by the names of the header, or a JSON
/// string that says why it is none: a fault, or another number of fields.
std::string csv_record_to_json(const std::vector<std::string> &header, const CsvRecord &record);

/// The header as a JSON array of strings, then each record as csv_record_to_json
/// makes it, in one JSON array.
std::string csv_to_json(std::string_view text);

} // namespace inventory
