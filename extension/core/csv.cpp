#include "core/csv.hpp"

#include "core/json_writer.hpp"

#include <algorithm>

namespace inventory {

CsvReader::CsvReader(std::string_view text, bool is_whole, std::size_t first_line)
    : text_(text), is_whole_(is_whole), line_(first_line) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (first_line == 1 && text_.substr(0, byte_order_mark.size()) == byte_order_mark) {
        position_ = byte_order_mark.size();
    }
}

CsvReader::Field CsvReader::end_of_field(std::size_t &at) const {
    if (at < text_.size() && text_[at] == ',') {
        ++at;
        return Field::more;
    }
    const auto line_end = text_.find('\n', at);
    at = line_end == std::string_view::npos ? text_.size() : line_end + 1;
    return line_end != std::string_view::npos || is_whole_ ? Field::last : Field::incomplete;
}

CsvReader::Field CsvReader::read_field(std::size_t &at, std::string &field,
                                       std::string &fault) const {
    field.clear();
    if (at >= text_.size() || text_[at] != '"') {
        const auto end = std::min(text_.find_first_of(",\n", at), text_.size());
        field = text_.substr(at, end - at);
        if ((end == text_.size() || text_[end] == '\n') && !field.empty() && field.back() == '\r') {
            field.pop_back();
        }
        at = end;
        return end_of_field(at);
    }
    const auto opening = at++;
    for (;; at += 2) {
        const auto quote = text_.find('"', at);
        if (quote == std::string_view::npos) {
            if (!is_whole_) {
                return Field::incomplete;
            }
            fault = "a quoted field does not end";
            at = std::min(text_.find('\n', opening), text_.size());
            return end_of_field(at);
        }
        field += text_.substr(at, quote - at);
        at = quote;
        if (quote + 1 == text_.size() && !is_whole_) {
            return Field::incomplete;
        }
        if (quote + 1 == text_.size() || text_[quote + 1] != '"') {
            break;
        }
        field += '"';
    }
    ++at;
    if (at < text_.size() && text_[at] == '\r') {
        ++at;
    }
    if (at < text_.size() && text_[at] != ',' && text_[at] != '\n') {
        fault = "text follows a quoted field; a quote inside of quotes is doubled";
        at = std::min(text_.find('\n', at), text_.size());
    }
    return end_of_field(at);
}

bool CsvReader::next(CsvRecord &record) {
    // Blank lines.
    while (position_ < text_.size()) {
        const auto end = text_.find_first_not_of('\r', position_);
        if (end == std::string_view::npos || text_[end] != '\n') {
            break;
        }
        position_ = end + 1;
        ++line_;
    }
    record = {};
    record.begin = position_;
    record.line = line_;
    if (position_ >= text_.size()) {
        return false;
    }
    auto at = position_;
    auto state = Field::more;
    while (state == Field::more) {
        state = read_field(at, record.fields.emplace_back(), record.fault);
    }
    if (state == Field::incomplete) {
        return false;
    }
    line_ +=
        static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                            text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    position_ = at;
    return true;
}

std::string csv_record_to_json(const std::vector<std::string> &header, const CsvRecord &record) {
    std::string out;
    JsonWriter json(out);
    if (!record.fault.empty()) {
        json.string(record.fault);
    } else if (record.fields.size() != header.size()) {
        json.string("the row has " + std::to_string(record.fields.size()) +
                    " fields, the header has " + std::to_string(header.size()));
    } else {
        json.begin_object();
        for (std::size_t i = 0; i < header.size(); ++i) {
            json.key(header[i]).string(record.fields[i]);
        }
        json.end_object();
    }
    return out;
}

std::string csv_to_json(std::string_view text) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    CsvReader reader(text);
    CsvRecord record;
    if (reader.next(record)) {
        const auto header = record.fields;
        json.begin_array();
        for (const auto &name : header) {
            json.string(name);
        }
        json.end_array();
        while (reader.next(record)) {
            json.raw(csv_record_to_json(header, record));
        }
    }
    json.end_array();
    return out;
}

} // namespace inventory
