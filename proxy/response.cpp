#include "proxy/response.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>

namespace inventory::proxy {
namespace {

/// The date of `date` (RFC 9110 §5.6.7), made once a second.
std::string_view http_date() {
    thread_local std::time_t second = 0;
    thread_local char text[32];
    thread_local std::size_t length = 0;
    const std::time_t now = std::time(nullptr);
    if (now != second) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        second = now;
    }
    return {text, length};
}

/// What a byte may be part of (RFC 9110 §5.5, §5.6.2); every byte of every answer's
/// head is looked up.
enum Allowed : std::uint8_t { in_name = 1, in_value = 2 };

constexpr std::array<std::uint8_t, 256> allowed = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
        const char c = static_cast<char>(byte);
        const bool is_token = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') ||
                              std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
        const bool is_text = (byte >= 0x20 && byte != 0x7f) || c == '\t';
        table[byte] =
            static_cast<std::uint8_t>((is_token ? in_name : 0) | (is_text ? in_value : 0));
    }
    return table;
}();

bool consists_of(Allowed kind, std::string_view text) {
    std::uint8_t all = kind;
    for (const char c : text) {
        all &= allowed[static_cast<unsigned char>(c)];
    }
    return all != 0;
}

/// Headers that the proxy writes itself.
bool is_ours(std::string_view name) {
    static constexpr std::array names{std::string_view("connection"),
                                      std::string_view("content-length"),
                                      std::string_view("transfer-encoding"),
                                      std::string_view("keep-alive"),
                                      std::string_view("date"),
                                      std::string_view("upgrade"),
                                      std::string_view("trailer")};
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

std::string_view reason(int status) noexcept {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return {};
    }
}

bool has_body(int status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

void append_status_line(std::string &out, int status) {
    char digits[4];
    const auto end = std::to_chars(digits, digits + sizeof digits, status).ptr;
    out += "HTTP/1.1 ";
    out.append(digits, end);
    out += ' ';
    out += reason(status);
    out += "\r\n";
    append_header(out, "date", http_date());
}

void append_header(std::string &out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_header(std::string &out, std::string_view name, std::size_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    append_header(out, name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

std::optional<std::size_t> announced_length(std::string_view lines) noexcept {
    constexpr std::string_view name = "x-inventory-length: ";
    const auto at = lines.find(name);
    if (at == std::string_view::npos || (at > 0 && lines[at - 1] != '\n')) {
        return std::nullopt;
    }
    const auto text = lines.substr(at + name.size());
    std::size_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = end == text.data() + text.size() || *end == '\n';
    return status == std::errc() && is_whole ? std::optional(value) : std::nullopt;
}

bool append_database_headers(std::string &out, std::string_view lines, bool varies_by_encoding,
                             ResponseInfo &info) {
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const auto line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (line.empty()) {
            continue;
        }
        const auto colon = line.find(": ");
        if (colon == 0 || colon == std::string_view::npos) {
            return false;
        }
        const auto name = line.substr(0, colon);
        const auto value = line.substr(colon + 2);
        if (!consists_of(in_name, name) || !consists_of(in_value, value)) {
            return false;
        }
        if (name.starts_with("x-inventory-")) {
            if (name == "x-inventory-route") {
                info.route = value;
            }
            continue;
        }
        if (is_ours(name)) {
            continue;
        }
        info.has_content_encoding = info.has_content_encoding || name == "content-encoding";
        out += line;
        if (varies_by_encoding && name == "vary") {
            out += ", accept-encoding";
            varies_by_encoding = false;
        }
        out += "\r\n";
    }
    if (varies_by_encoding) {
        append_header(out, "vary", "accept-encoding");
    }
    return true;
}

} // namespace inventory::proxy
