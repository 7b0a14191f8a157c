#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace inventory::proxy {

/// What the database tells the proxy in header lines `x-inventory-…`, and what
/// the proxy has to know of the others.
struct ResponseInfo {
    std::string_view route; ///< x-inventory-route: the route's template; empty if not given.
    bool has_content_encoding = false;
};

/// `x-inventory-length` of the database's header lines: the bytes of the body that it
/// made and left out of an answer to HEAD. Nothing when it does not say.
std::optional<std::size_t> announced_length(std::string_view lines) noexcept;

/// The reason phrase of RFC 9110 §15; empty for a status that is not there.
std::string_view reason(int status) noexcept;

/// Whether an answer of this status can have a body.
bool has_body(int status) noexcept;

/// Appends the status line and `date`.
void append_status_line(std::string &out, int status);

/// Appends a header line.
void append_header(std::string &out, std::string_view name, std::string_view value);
void append_header(std::string &out, std::string_view name, std::size_t value);

/// Appends the database's header lines (`name: value`, LF between them) for the
/// client. Lines for the proxy go into `info`, framing is left out, `vary` gets
/// accept-encoding when `varies_by_encoding`. False when a line has no valid form:
/// nothing of the database may ever end a header early. `info` refers to `lines`.
bool append_database_headers(std::string &out, std::string_view lines, bool varies_by_encoding,
                             ResponseInfo &info);

} // namespace inventory::proxy
