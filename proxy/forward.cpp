#include "proxy/forward.hpp"

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "core/uuid.hpp"
#include "proxy/secret.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace inventory::proxy {
namespace {

using boost::beast::http::field;

bool equals(std::string_view a, std::string_view b) {
    return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool starts_with(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() && equals(name.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Calls `use` with each item of a comma list.
template <typename Use>
void for_each_item(std::string_view list, Use use) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (const auto item = trim(list.substr(0, comma)); !item.empty()) {
            use(item);
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

/// Headers that end here: of the hop, of the message's framing, of the host, and
/// those whose content is nobody's business in a database.
bool ends_here(const Field &header) {
    switch (header.id) {
    case field::connection:
    case field::keep_alive:
    case field::proxy_connection:
    case field::proxy_authenticate:
    case field::proxy_authorization:
    case field::te:
    case field::trailer:
    case field::transfer_encoding:
    case field::upgrade:
    case field::http2_settings:
    case field::content_length:
    case field::expect:
    case field::host:
    case field::cookie:
    case field::user_agent:
    case field::accept_encoding:
    case field::accept_language:
    case field::referer:
    case field::authorization: // replaced by the hash of the key
        return true;
    default:
        return equals(header.name, "snyk-request-id") || equals(header.name, "forwarded") ||
               equals(header.name, "x-real-ip") || starts_with(header.name, "x-inventory-") ||
               starts_with(header.name, "x-forwarded-") || starts_with(header.name, "sec-");
    }
}

/// The headers that `connection` names, which makes them of the hop. Each is compared
/// with each header line, so a long list would be work for nothing.
std::vector<std::string_view> hop_names(const std::vector<Field> &fields) {
    constexpr std::size_t name_limit = 16;
    std::vector<std::string_view> names;
    for (const Field &header : fields) {
        if (header.id == field::connection) {
            for_each_item(header.value, [&](std::string_view item) {
                if (names.size() == name_limit) {
                    throw Error(Code::invalid_http, "The header `connection` names too much.",
                                "It may have " + std::to_string(name_limit) + " options.");
                }
                names.push_back(item);
            });
        }
    }
    return names;
}

/// Whether a list of codings takes gzip (RFC 9110 §12.5.3): named, or by `*`, and not with q=0.
bool takes_gzip(std::string_view list) {
    bool named = false;
    bool taken = false;
    for_each_item(list, [&](std::string_view item) {
        const auto semicolon = std::min(item.find(';'), item.size());
        const auto coding = trim(item.substr(0, semicolon));
        const auto weight = trim(item.substr(std::min(semicolon + 1, item.size())));
        const bool refused = starts_with(weight, "q=0") &&
                             weight.find_first_not_of("0.", 2) == std::string_view::npos;
        if (equals(coding, "gzip") || equals(coding, "x-gzip")) {
            named = true;
            taken = !refused;
        } else if (coding == "*" && !named) {
            taken = !refused;
        }
    });
    return taken;
}

void append_line(std::string &out, std::string_view name, std::string_view value) {
    if (!out.empty()) {
        out += '\n';
    }
    out += name;
    out += ": ";
    out += value;
}

/// `Token <key>` and `Bearer <key>`; anything else, or the header twice, is passed
/// on as a word that the database refuses.
void forward_authorization(Request &request, std::string_view value, bool repeated) {
    const auto blank = std::min(value.find(' '), value.size());
    const auto scheme = value.substr(0, blank);
    const auto key = trim(value.substr(blank));
    const bool is_key = !repeated && (equals(scheme, "token") || equals(scheme, "bearer")) &&
                        !key.empty() && key.find_first_of(" \t") == std::string_view::npos;
    if (is_key) {
        request.key_hash = sha256_hex(key);
        append_line(request.headers, "x-inventory-key-sha256", request.key_hash);
    } else {
        append_line(request.headers, "authorization", "unsupported");
    }
}

/// Appends a header with the values of its repetitions joined (RFC 9110 §5.3),
/// when `at` is the first of them.
void forward_field(std::string &out, const std::vector<Field> &fields, std::size_t at) {
    const auto same = [&](const Field &other) { return equals(other.name, fields[at].name); };
    const auto here = fields.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::any_of(fields.begin(), here, same)) {
        return;
    }
    if (!out.empty()) {
        out += '\n';
    }
    std::transform(here->name.begin(), here->name.end(), std::back_inserter(out), lower);
    out += ": ";
    out += here->value;
    for (auto next = here + 1; next != fields.end(); ++next) {
        if (same(*next)) {
            out += ", ";
            out += next->value;
        }
    }
}

/// What goes into the log as it is, or nothing.
std::string loggable(std::string_view value) {
    const bool is_plain =
        value.size() <= 128 &&
        std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    return std::string(is_plain ? value : std::string_view());
}

/// The request id: the client's when it is one UUID, else a new one.
void set_id(Request &request, std::string_view given) {
    const auto uuid = parse_uuid(given);
    request.id = to_string(uuid ? *uuid : random_uuid());
}

} // namespace

void forward_fields(Request &request, const std::vector<Field> &fields) {
    std::string_view authorization;
    std::string_view id;
    int authorizations = 0;
    for (const Field &header : fields) {
        switch (header.id) {
        case field::authorization:
            authorization = header.value;
            ++authorizations;
            break;
        case field::accept_encoding:
            request.accepts_gzip = takes_gzip(header.value);
            break;
        default:
            if (equals(header.name, "snyk-request-id")) {
                id = header.value;
            } else if (equals(header.name, "traceparent")) {
                request.traceparent = loggable(header.value);
            } else if (equals(header.name, "x-forwarded-for")) {
                for_each_item(header.value, [&](std::string_view item) {
                    request.forwarded_for = loggable(item);
                });
            }
        }
    }
    set_id(request, id);
    request.headers.clear();
    request.headers.reserve(512);
    append_line(request.headers, "snyk-request-id", request.id);
    if (authorizations > 0) {
        forward_authorization(request, authorization, authorizations > 1);
    }
    const auto of_the_hop = hop_names(fields);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto is_name = [&](std::string_view name) { return equals(name, fields[i].name); };
        if (ends_here(fields[i]) || std::any_of(of_the_hop.begin(), of_the_hop.end(), is_name)) {
            continue;
        }
        if (!is_clean_utf8(fields[i].value)) {
            std::string name(fields[i].name);
            std::transform(name.begin(), name.end(), name.begin(), lower);
            throw Error(Code::invalid_header, "The header value is not valid UTF-8.")
                .in_header(name);
        }
        forward_field(request.headers, fields, i);
    }
}

void append_ascii_target(std::string &out, std::string_view target) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (std::all_of(target.begin(), target.end(), is_ascii)) {
        out += target;
        return;
    }
    for (const char c : target) {
        if (is_ascii(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
}

} // namespace inventory::proxy
