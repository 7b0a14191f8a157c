#pragma once

#include <string>
#include <string_view>

namespace inventory::proxy {

/// One request, as the database and the log need it.
struct Request {
    std::string method;
    std::string target;   ///< As received, but bytes above 0x7f percent-encoded.
    std::string headers;  ///< What is forwarded: lines `name: value`, LF between them.
    std::string body;     ///< Without chunks; empty when there is none.
    std::string id;       ///< UUID, the client's or ours.
    std::string key_hash; ///< Lower-case hex of SHA-256 of the API key; empty without one.
    std::string traceparent;
    std::string forwarded_for; ///< The last address of x-forwarded-for.
    bool is_head = false;
    bool is_http10 = false;
    bool keep_alive = false;
    bool accepts_gzip = false;

    /// GET and HEAD may be sent again, and may go to a replica.
    bool is_safe() const noexcept { return method == "GET" || method == "HEAD"; }
    /// The target up to the question mark.
    std::string_view path() const noexcept {
        return std::string_view(target).substr(0, target.find('?'));
    }
};

} // namespace inventory::proxy
