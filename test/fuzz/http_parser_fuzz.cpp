// However the bytes are cut, the parser of the proxy reads the same requests and
// refuses at the same place for the same reason; what it reads keeps its limits and
// cannot forge a line of what is forwarded.
#include "property.hpp"

#include "proxy/parser.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace inventory;
using namespace inventory::proxy;

namespace {

/// Small, so that both sides of each limit are near.
const Limits limits = [] {
    Limits made;
    made.target_bytes = 64;
    made.header_bytes = 300;
    made.header_count = 8;
    made.body_bytes = 40;
    return made;
}();

struct Reading {
    std::vector<std::string> requests;
    std::string refusal;

    bool operator==(const Reading &) const = default;
};

void check_line(std::string_view line) {
    const auto colon = line.find(": ");
    require(colon != std::string_view::npos && colon > 0, "a header line is `name: value`");
    const auto name = line.substr(0, colon);
    require(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
            "a header's name is in lower case");
    require(!name.starts_with("x-inventory-") || name == "x-inventory-key-sha256",
            "no client writes a header of the proxy's own");
    require(name != "content-length" && name != "transfer-encoding" && name != "connection",
            "framing ends here");
}

void check(const Request &request) {
    require(request.target.size() <= 3 * limits.target_bytes, "limit of the target");
    require(request.body.size() <= limits.body_bytes, "limit of the body");
    require(std::all_of(request.target.begin(), request.target.end(),
                        [](char c) { return c > 0x20 && c < 0x7f; }),
            "the target is visible ASCII");
    require(request.headers.find('\r') == std::string::npos &&
                request.headers.find('\0') == std::string::npos,
            "no CR and no NUL in the header lines");
    std::size_t lines = 0;
    for (std::string_view rest = request.headers; !rest.empty(); ++lines) {
        const auto end = std::min(rest.find('\n'), rest.size());
        check_line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    require(lines <= limits.header_count + 1, "no line more than the client's and the id");
}

/// The request as text, without its id, which is random unless the client gave one.
std::string describe_request(const Request &request) {
    const auto lines = std::min(request.headers.find('\n'), request.headers.size());
    return request.method + ' ' + request.target + ' ' + request.headers.substr(lines) + ' ' +
           request.traceparent + ' ' + request.forwarded_for + ' ' +
           static_cast<char>('0' + request.is_head + 2 * request.is_http10 +
                             4 * request.keep_alive + 8 * request.accepts_gzip) +
           ' ' + request.body;
}

Reading read_in_pieces(std::string_view input, std::size_t piece) {
    Reading reading;
    Parser parser(limits);
    std::string waiting;
    try {
        for (std::size_t at = 0; at < input.size(); at += piece) {
            waiting += input.substr(at, piece);
            while (!waiting.empty()) {
                const auto consumed = parser.feed(waiting);
                require(consumed <= waiting.size(), "no more is consumed than there is");
                waiting.erase(0, consumed);
                if (!parser.is_complete()) {
                    break;
                }
                const Request request = parser.take();
                check(request);
                reading.requests.push_back(describe_request(request));
            }
        }
    } catch (const Error &error) {
        reading.refusal = describe(error.code()).name;
    }
    return reading;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    const Reading whole = read_in_pieces(input, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {1, 2, 7, 100}) {
        require(read_in_pieces(input, piece) == whole, "the cut does not matter");
    }
    return 0;
}
