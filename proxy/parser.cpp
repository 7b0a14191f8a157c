#include "proxy/parser.hpp"

#include "proxy/forward.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cctype>

namespace inventory::proxy {
namespace {

namespace http = boost::beast::http;
using http::field;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

[[noreturn]] void refuse(std::string detail, std::string hint = {}) {
    throw Error(Code::invalid_http, std::move(detail), std::move(hint));
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool is_host_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
}

/// origin-form or the asterisk (RFC 9112 §3.2); of absolute-form, which a server
/// must take too, what follows the authority.
std::string_view origin_form(std::string_view target) {
    for (const char c : target) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
            refuse("The request target holds a control character.", "Percent-encode it.");
        }
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() > scheme.size() &&
            boost::beast::iequals(boost::beast::string_view(target.data(), scheme.size()),
                                  boost::beast::string_view(scheme.data(), scheme.size()))) {
            const auto path = target.find_first_of("/?", scheme.size());
            return path == std::string_view::npos ? "/" : target.substr(path);
        }
    }
    if (target.empty() || (target[0] != '/' && target != "*")) {
        refuse("The request target is no path.", "Send `METHOD /path?query HTTP/1.1`.");
    }
    return target;
}

Error from_beast(const boost::system::error_code &code) {
    if (code == http::error::body_limit) {
        return {Code::body_too_large, "The body is over the limit.", ""};
    }
    if (code == http::error::header_limit) {
        return {Code::headers_too_large, "The header section is over the limit.", ""};
    }
    if (code == http::error::bad_version) {
        return {Code::invalid_http, "The HTTP version is malformed.", "Speak HTTP/1.1."};
    }
    return {Code::invalid_http, "The message breaks HTTP/1.1 framing: " + code.message() + ".", ""};
}

/// `HTTP/2.0` and the like are versions that we do not speak; anything else that
/// Beast refuses there is no version at all.
bool has_foreign_version(std::string_view line) {
    const auto blank = line.rfind(' ');
    const auto version = blank == std::string_view::npos ? line : line.substr(blank + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
           version[6] == '.' && is_digit(version[7]) && version != "HTTP/1.1" &&
           version != "HTTP/1.0";
}

/// Whether the line of a chunk's size, not of the last chunk's, is whole. Beast lets a
/// quoted extension run on over its end, and counts the chunk anew each time it looks.
bool has_chunk_line(std::string_view framing) {
    if (framing.starts_with("\r\n")) {
        framing.remove_prefix(2);
    }
    const auto digit = framing.find_first_not_of('0');
    return framing.find("\r\n") != std::string_view::npos &&
           std::isxdigit(static_cast<unsigned char>(framing[digit])) != 0;
}

} // namespace

/// The receiver of Beast's events. The head is fed in one piece, so the views it
/// gets stay good until `finish_head` has copied what is needed.
class Parser::Message : public http::basic_parser<true> {
public:
    Message(Request &request, const Limits &limits)
        : request_(request), target_limit_(limits.target_bytes) {
        eager(false); // one step at a time: what a step took is either framing or content
        // The lengths of the parts were checked before; Beast counts both.
        header_limit(static_cast<std::uint32_t>(limits.target_bytes + limits.header_bytes + 64));
        body_limit(limits.body_bytes);
        fields_.reserve(16);
    }

    bool expects_continue() const noexcept { return expects_continue_; }
    std::size_t body_size() const noexcept { return request_.body.size(); }

protected:
    void on_request_impl(http::verb, boost::beast::string_view method,
                         boost::beast::string_view target, int version,
                         boost::beast::error_code &) override {
        request_.method = view(method);
        request_.is_head = request_.method == "HEAD";
        request_.is_http10 = version == 10;
        if (target.size() > target_limit_) {
            throw Error(Code::target_too_long, "The request target is over the limit.",
                        "It may have " + std::to_string(target_limit_) +
                            " bytes; use a search (POST) for a long filter.");
        }
        const auto origin = origin_form(view(target));
        request_.target.clear();
        if (origin[0] == '?') {
            request_.target = '/';
        }
        append_ascii_target(request_.target, origin);
    }

    void on_field_impl(field name, boost::beast::string_view name_text,
                       boost::beast::string_view value, boost::beast::error_code &) override {
        if (head_done_) {
            return; // a trailer; none means anything to us
        }
        check_field(name, view(value));
        fields_.push_back({name, view(name_text), view(value)});
    }

    void on_header_impl(boost::beast::error_code &) override {
        head_done_ = true;
        if (hosts_ == 0 && !request_.is_http10) {
            refuse("The header `host` is missing.");
        }
        if (has_transfer_encoding_ && request_.is_http10) {
            refuse("HTTP/1.0 knows no transfer-encoding.", "Send a content-length.");
        }
        request_.keep_alive = keep_alive();
        forward_fields(request_, fields_);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t> &length,
                           boost::beast::error_code &) override {
        // The client promises the length; memory is taken as it keeps the promise.
        request_.body.reserve(std::min<std::uint64_t>(length.value_or(0), 64 * 1024));
    }

    std::size_t on_body_impl(boost::beast::string_view body, boost::beast::error_code &) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view extension,
                              boost::beast::error_code &) override {
        // Beast lets a quoted value hold LF, which others take for the line's end.
        if (std::any_of(extension.begin(), extension.end(), is_control)) {
            refuse("The extension of a chunk holds a control character.");
        }
    }

    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body,
                                   boost::beast::error_code &) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_finish_impl(boost::beast::error_code &) override {}

    void on_response_impl(int, boost::beast::string_view, int,
                          boost::beast::error_code &) override {}

private:
    /// What Beast accepts and we do not; each of these is a way to make two
    /// parties see different messages (RFC 9112 §6.3, §11.2).
    void check_field(field name, std::string_view value) {
        switch (name) {
        case field::host:
            if (++hosts_ > 1) {
                refuse("The header `host` is there twice.");
            }
            if (!std::all_of(value.begin(), value.end(), is_host_char)) {
                refuse("The header `host` is malformed.");
            }
            break;
        case field::content_length:
            if (++content_lengths_ > 1) {
                refuse("The header `content-length` is there twice.");
            }
            if (value.find_first_not_of("0123456789") != std::string_view::npos) {
                refuse("The header `content-length` is no number.");
            }
            break;
        case field::transfer_encoding:
            has_transfer_encoding_ = true;
            if (!boost::beast::iequals({value.data(), value.size()}, "chunked")) {
                refuse("The only transfer-encoding that is known is `chunked`.");
            }
            break;
        case field::expect:
            if (!boost::beast::iequals({value.data(), value.size()}, "100-continue")) {
                throw Error(Code::expectation_failed, "The expectation is not known.",
                            "Only `100-continue` is.");
            }
            expects_continue_ = !request_.is_http10;
            break;
        default:
            break;
        }
    }

    Request &request_;
    std::size_t target_limit_;
    std::vector<Field> fields_;
    int hosts_ = 0;
    int content_lengths_ = 0;
    bool has_transfer_encoding_ = false;
    bool expects_continue_ = false;
    bool head_done_ = false;
};

Parser::Parser(const Limits &limits) : limits_(limits) {}
Parser::~Parser() = default;

std::size_t Parser::find_head_end(std::string_view input) {
    for (;;) {
        const auto end = input.find('\n', scanned_);
        const auto line_end = std::min(end, input.size());
        if (first_line_ == 0) {
            if (line_end > limits_.target_bytes + 64) {
                throw Error(Code::target_too_long, "The request line is over the limit.",
                            "Use a search (POST) for a long filter.");
            }
        } else if (line_end - first_line_ > limits_.header_bytes) {
            throw Error(Code::headers_too_large, "The header section is over the limit.",
                        "Its size may be " + std::to_string(limits_.header_bytes) + " bytes.");
        }
        if (end == std::string_view::npos) {
            return 0;
        }
        if (end == 0 || input[end - 1] != '\r') {
            refuse("A line ends in LF without CR.");
        }
        const std::string_view line = input.substr(scanned_, end - 1 - scanned_);
        if (first_line_ == 0) {
            first_line_ = end + 1;
            if (has_foreign_version(line)) {
                throw Error(Code::http_version_unsupported, "The HTTP version is not known.",
                            "Speak HTTP/1.1 or HTTP/1.0.");
            }
        } else if (line.empty()) {
            return end + 1;
        } else if (line[0] == ' ' || line[0] == '\t') {
            refuse("A header line is folded.", "Write each header on one line.");
        } else if (++line_count_ > limits_.header_count) {
            throw Error(Code::headers_too_large, "There are too many header lines.",
                        "There may be " + std::to_string(limits_.header_count) + ".");
        }
        scanned_ = end + 1;
    }
}

/// RFC 9112 §2.2: an empty line before the request line is ignored; a stream of them
/// is no traffic to keep a connection for.
std::size_t Parser::skip_empty_lines(std::string_view input) {
    constexpr std::size_t empty_line_limit = 4;
    std::size_t skipped = 0;
    while (scanned_ == 0 && input.substr(skipped).starts_with("\r\n")) {
        if (++empty_lines_ > empty_line_limit) {
            refuse("There are too many empty lines before the request.");
        }
        skipped += 2;
    }
    return skipped;
}

void Parser::read_head(std::string_view head) {
    body_parser_ = std::make_unique<Message>(request_, limits_);
    boost::beast::error_code error;
    const auto taken = body_parser_->put({head.data(), head.size()}, error);
    if (error && error != http::error::need_more) {
        throw from_beast(error);
    }
    if (error || taken != head.size()) {
        refuse("The header section ends in a doubtful way.");
    }
    complete_ = body_parser_->is_done();
}

std::size_t Parser::read_body(std::string_view input) {
    // Chunk extensions and trailers have no use here; their size must not be a way around
    // the limits. Beast waits for the whole of them, so what it sees at once bounds them.
    const auto piece = input.substr(0, std::max<std::size_t>(limits_.header_bytes, 256));
    const auto content = request_.body.size();
    boost::beast::error_code error;
    const auto taken = body_parser_->put({piece.data(), piece.size()}, error);
    if (error && error != http::error::need_more) {
        throw from_beast(error);
    }
    if (taken == 0 && has_chunk_line(piece)) {
        refuse("The extension of a chunk does not end with its line.");
    }
    framing_ += taken - (request_.body.size() - content);
    if ((taken == 0 && piece.size() < input.size()) ||
        framing_ > limits_.body_bytes + limits_.header_bytes) {
        refuse("The chunked body is mostly framing.");
    }
    complete_ = body_parser_->is_done();
    return taken;
}

std::size_t Parser::feed(std::string_view input) {
    std::size_t consumed = 0;
    if (body_parser_ == nullptr) {
        consumed = skip_empty_lines(input);
        const auto head_end = find_head_end(input.substr(consumed));
        if (head_end == 0) {
            return consumed;
        }
        read_head(input.substr(consumed, head_end));
        consumed += head_end;
    }
    while (!complete_ && consumed < input.size()) {
        const auto taken = read_body(input.substr(consumed));
        if (taken == 0) {
            break;
        }
        consumed += taken;
    }
    expects_continue_ = body_parser_->expects_continue() && body_parser_->body_size() == 0;
    return consumed;
}

Request Parser::take() {
    Request request = std::move(request_);
    request_ = {};
    body_parser_.reset();
    complete_ = expects_continue_ = false;
    scanned_ = first_line_ = line_count_ = empty_lines_ = framing_ = 0;
    return request;
}

} // namespace inventory::proxy
