#include "loader/documents.hpp"

#include "core/csv.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace inventory::loader {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// The database takes neither U+0000 nor what is no UTF-8.
void check_bytes(Document &document) {
    const auto at = find_unclean_utf8(document.text);
    if (at != std::string_view::npos) {
        document.fault = "byte " + std::to_string(at + 1) + " of it is no UTF-8";
    }
}

} // namespace

JsonDocuments::JsonDocuments(Input &input, const Place &from, bool is_by_line)
    : input_(input), is_by_line_(is_by_line), is_in_array_(from.is_in_array) {
    input_.skip_to(from.offset);
    input_.set_lines(from.lines);
    if (from.offset == 0) {
        input_.read_more();
        if (input_.window().substr(0, 3) == "\xEF\xBB\xBF") {
            input_.consume(3);
        }
    }
}

Place JsonDocuments::place() const {
    return {input_.offset(), input_.lines(), is_in_array_};
}

bool JsonDocuments::skip_blanks() {
    for (;;) {
        const auto window = input_.window();
        const auto begin = std::min(window.find_first_not_of(blanks), window.size());
        const char first = begin < window.size() ? window[begin] : '\0';
        if (begin == window.size()) {
            input_.consume(begin);
            if (!input_.read_more()) {
                return false;
            }
        } else if (is_in_array_ && (first == ',' || first == ']')) {
            is_in_array_ = first == ',';
            input_.consume(begin + 1);
        } else if (!is_in_array_ && first == '[') {
            is_in_array_ = true;
            input_.consume(begin + 1);
        } else {
            input_.consume(begin);
            return true;
        }
    }
}

std::size_t JsonDocuments::find_end_of_line() {
    std::size_t from = 0;
    for (;;) {
        const auto window = input_.window();
        const auto end = window.find_first_of(is_in_array_ ? std::string_view("\n,]") : "\n", from);
        if (end != std::string_view::npos) {
            return end;
        }
        from = window.size();
        if (!input_.read_more()) {
            return input_.window().size();
        }
    }
}

/// The end of the object that the window begins with.
std::size_t JsonDocuments::find_end() {
    std::size_t at = 0;
    int depth = 0;
    bool is_in_string = false;
    for (;;) {
        const auto window = input_.window();
        for (; at < window.size(); ++at) {
            const char c = window[at];
            if (c == '{' && at > 0 && window[at - 1] == '\n' && !is_in_array_) {
                return at; // The one before never closed.
            }
            if (is_in_string) {
                if (c == '\\' && at + 1 < window.size()) {
                    ++at;
                } else if (c == '\\') {
                    break;
                } else if (c == '"') {
                    is_in_string = false;
                }
            } else if (c == '"') {
                is_in_string = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth <= 0) {
                return at + 1;
            }
        }
        if (!input_.read_more()) {
            return input_.window().size();
        }
    }
}

bool JsonDocuments::next(Document &document) {
    if (!skip_blanks()) {
        return false;
    }
    document = {};
    document.line = input_.lines() + 1;
    const bool is_object = input_.window().front() == '{';
    const auto end = is_object && (!is_by_line_ || is_in_array_) ? find_end() : find_end_of_line();
    document.text = input_.window().substr(0, end);
    document.text.erase(document.text.find_last_not_of(blanks) + 1);
    input_.consume(end);
    check_bytes(document);
    return true;
}

struct CsvRecordAt {
    CsvRecord record;
    std::size_t end = 0;
};

CsvDocuments::CsvDocuments(Input &input, const Place &from) : input_(input) {
    CsvRecordAt first;
    if (next_record(first)) {
        header_ = first.record.fields;
        input_.consume(first.end);
    }
    input_.skip_to(from.offset);
}

Place CsvDocuments::place() const {
    return {input_.offset(), input_.lines(), false};
}

bool CsvDocuments::next_record(CsvRecordAt &found) {
    // A quote that never closes must not read the whole input into memory.
    constexpr std::size_t max_record = std::size_t{16} << 20;
    for (;;) {
        const bool is_whole = input_.is_at_end() || input_.window().size() > max_record;
        CsvReader reader(input_.window(), is_whole, input_.lines() + 1);
        if (reader.next(found.record)) {
            found.end = reader.position();
            return true;
        }
        if (is_whole) {
            input_.consume(reader.position());
            return false;
        }
        input_.read_more();
    }
}

bool CsvDocuments::next(Document &document) {
    CsvRecordAt found;
    if (!next_record(found)) {
        return false;
    }
    document = {};
    document.line = found.record.line;
    document.text = csv_record_to_json(header_, found.record);
    input_.consume(found.end);
    check_bytes(document);
    return true;
}

} // namespace inventory::loader
