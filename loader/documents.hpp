#pragma once

#include "loader/format.hpp"
#include "loader/input.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace inventory::loader {

/// One item of an input.
struct Document {
    std::string text;       ///< JSON, as import_documents() takes it; CSV rows are objects.
    std::uint64_t line = 0; ///< From 1, the line it begins on.
    std::string fault;      ///< Why it cannot even be sent.
};

/// A place between two documents, from which reading can go on.
struct Place {
    std::uint64_t offset = 0;
    std::uint64_t lines = 0;
    bool is_in_array = false;
};

/// Reads an input document by document.
class Documents {
public:
    virtual ~Documents() = default;
    /// False at the end.
    virtual bool next(Document &document) = 0;
    /// Behind the last document.
    virtual Place place() const = 0;
};

/// JSON documents: one a line, one after the other, or the elements of arrays. A
/// document that does not close ends where a line begins with another one.
class JsonDocuments : public Documents {
public:
    /// `is_by_line`: a line that is no JSON spoils itself only.
    JsonDocuments(Input &input, const Place &from, bool is_by_line);
    bool next(Document &document) override;
    Place place() const override;

private:
    bool skip_blanks();
    std::size_t find_end();
    std::size_t find_end_of_line();

    Input &input_;
    bool is_by_line_;
    bool is_in_array_;
};

struct CsvRecordAt;

/// Rows of CSV below a header.
class CsvDocuments : public Documents {
public:
    CsvDocuments(Input &input, const Place &from);
    bool next(Document &document) override;
    Place place() const override;

    const std::vector<std::string> &header() const noexcept { return header_; }

private:
    bool next_record(CsvRecordAt &found);

    Input &input_;
    std::vector<std::string> header_;
};

} // namespace inventory::loader
