#pragma once

#include "proxy/request.hpp"

#include <boost/beast/http/field.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace inventory::proxy {

/// One header line of a client; the views are into the head.
struct Field {
    boost::beast::http::field id;
    std::string_view name;
    std::string_view value;
};

/// Fills `headers`, `id`, `key_hash`, `traceparent`, `forwarded_for` and
/// `accepts_gzip` of `request`. The database never sees the API key but its hash,
/// nor hop-by-hop headers (RFC 9110 §7.6.1), nor what is the proxy's business,
/// nor a header `x-inventory-…` of a client. Throws Error for a value that is no
/// clean UTF-8, and for a header `connection` that names too much.
void forward_fields(Request &request, const std::vector<Field> &fields);

/// Appends `target` with the bytes above 0x7f percent-encoded and nothing else
/// changed, so that it can be a text parameter whatever the client sent.
void append_ascii_target(std::string &out, std::string_view target);

} // namespace inventory::proxy
