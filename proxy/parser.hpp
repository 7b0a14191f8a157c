#pragma once

#include "core/error.hpp"
#include "proxy/config.hpp"
#include "proxy/request.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace inventory::proxy {

/// Reads HTTP/1.1 requests (RFC 9112) from the bytes of one connection, one at
/// a time. Boost.Beast parses; what it lets pass although two parties may
/// understand it differently is refused here: anything doubtful is an Error and
/// the connection has to be closed. How the bytes are cut into pieces changes neither
/// the requests nor the refusals.
///
///     Parser parser(limits);
///     input.remove_prefix(parser.feed(input));   // again with what is left
///     if (parser.is_complete()) { use(parser.take()); }
class Parser {
public:
    /// `limits` must outlive the parser; a change is seen by the next request.
    explicit Parser(const Limits &limits);
    ~Parser();

    /// Consumes bytes at the start of `input`, at most to the end of the request,
    /// and returns how many. Bytes that were not consumed must be at the start of
    /// the next `input`. Throws Error; the parser is of no use then, but
    /// `request()` tells what was understood so far.
    std::size_t feed(std::string_view input);

    bool is_complete() const noexcept { return complete_; }
    /// Whether the head is read and the body is not.
    bool is_in_body() const noexcept { return body_parser_ != nullptr && !complete_; }
    /// Whether the client waits for `100 Continue`.
    bool expects_continue() const noexcept { return expects_continue_ && is_in_body(); }

    const Request &request() const noexcept { return request_; }
    /// The request; the parser is ready for the next one.
    Request take();

private:
    class Message;

    /// Looks for the end of the head and checks its lines; 0: not there yet.
    std::size_t find_head_end(std::string_view input);
    std::size_t skip_empty_lines(std::string_view input);
    void read_head(std::string_view head);
    /// One step in the body: the framing of a chunk as a whole, or content; 0: not there yet.
    std::size_t read_body(std::string_view input);

    const Limits &limits_;
    Request request_;
    std::unique_ptr<Message> body_parser_;
    bool complete_ = false;
    bool expects_continue_ = false;
    std::size_t scanned_ = 0;    // bytes of the head whose lines were checked
    std::size_t first_line_ = 0; // length of the request line, once known
    std::size_t line_count_ = 0;
    std::size_t empty_lines_ = 0; // before the request line
    std::size_t framing_ = 0;     // bytes of the body that are no content
};

} // namespace inventory::proxy
