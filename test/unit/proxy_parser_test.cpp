#include "proxy/parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace inventory::proxy {
namespace {

Limits limits() {
    Limits limits;
    limits.target_bytes = 100;
    limits.header_bytes = 500;
    limits.header_count = 10;
    limits.body_bytes = 50;
    return limits;
}

/// Feeds `bytes` in pieces of `piece` and returns the requests.
std::vector<Request> parse(std::string bytes, std::size_t piece) {
    const Limits bounds = limits();
    Parser parser(bounds);
    std::vector<Request> requests;
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        waiting += bytes.substr(at, piece);
        for (std::size_t consumed = 1; consumed > 0 && !waiting.empty();) {
            consumed = parser.feed(waiting);
            waiting.erase(0, consumed);
            if (parser.is_complete()) {
                requests.push_back(parser.take());
                consumed = 1;
            }
        }
    }
    return requests;
}

std::vector<Request> parse(const std::string &bytes) {
    return parse(bytes, bytes.size());
}

TEST(ProxyParser, ReadsAnyPieces) {
    const std::string bytes = "PATCH /a?b=%20+c HTTP/1.1\r\nHost: a\r\nX: y\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nT: r\r\n\r\n"
                              "\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"
                              "POST /c HTTP/1.0\r\nContent-Length: 2\r\n\r\nxy";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        const auto requests = parse(bytes, piece);
        ASSERT_EQ(requests.size(), 3U) << piece;
        EXPECT_EQ(requests[0].method, "PATCH");
        EXPECT_EQ(requests[0].target, "/a?b=%20+c");
        EXPECT_EQ(requests[0].body, "abcde");
        EXPECT_TRUE(requests[0].keep_alive);
        EXPECT_EQ(requests[1].target, "/b");
        EXPECT_TRUE(requests[1].body.empty());
        EXPECT_EQ(requests[2].body, "xy");
        EXPECT_TRUE(requests[2].is_http10);
        EXPECT_FALSE(requests[2].keep_alive);
    }
}

struct Refused {
    const char *name;
    std::string bytes;
    Code code;
};

const std::string end = "\r\nHost: a\r\n\r\n";

const std::vector<Refused> refused{
    {"LF alone", "GET / HTTP/1.1\nHost: a\n\n", Code::invalid_http},
    {"second host", "GET / HTTP/1.1\r\nHost: b" + end, Code::invalid_http},
    {"no host", "GET / HTTP/1.1\r\n\r\n", Code::invalid_http},
    {"fold", "GET / HTTP/1.1\r\nX: y\r\n z" + end, Code::invalid_http},
    {"fold of nothing", "GET / HTTP/1.1\r\nX:\r\n \r\nHost: a\r\n\r\n", Code::invalid_http},
    {"length twice", "GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0" + end,
     Code::invalid_http},
    {"list of lengths", "GET / HTTP/1.1\r\nContent-Length: 1, 1" + end, Code::invalid_http},
    {"coding", "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked" + end, Code::invalid_http},
    {"chunked 1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked" + end, Code::invalid_http},
    {"length and coding", "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked" + end,
     Code::invalid_http},
    {"version", "GET / HTTP/3.0" + end, Code::http_version_unsupported},
    {"expectation", "GET / HTTP/1.1\r\nExpect: x" + end, Code::expectation_failed},
    {"control", "GET /\x01 HTTP/1.1" + end, Code::invalid_http},
    {"UTF-8", "GET / HTTP/1.1\r\nX: \xff" + end, Code::invalid_header},
    {"open quote in a chunk",
     "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked" + end + "2;x=\"y\r\nde\r\n0\r\n\r\n",
     Code::invalid_http},
    {"LF in a chunk's line",
     "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked" + end + "2;x=\"\n\"\r\nde\r\n0\r\n\r\n",
     Code::invalid_http},
    {"17 options", "GET / HTTP/1.1\r\nConnection: a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a" + end,
     Code::invalid_http},
    {"5 empty lines", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1" + end, Code::invalid_http},
};

TEST(ProxyParser, RefusesWhatIsDoubtful) {
    for (const auto &[name, bytes, code] : refused) {
        for (const std::size_t piece : {bytes.size(), std::size_t{1}}) {
            try {
                parse(bytes, piece);
                ADD_FAILURE() << name;
            } catch (const Error &error) {
                EXPECT_EQ(error.code(), code) << name;
            }
        }
    }
}

Code code_of(const std::string &bytes) {
    try {
        parse(bytes);
    } catch (const Error &error) {
        return error.code();
    }
    return Code::not_implemented; // none was thrown
}

TEST(ProxyParser, HoldsItsLimitsOnBothSides) {
    const auto fine = Code::not_implemented;
    const auto target = [](std::size_t size) {
        return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1" + end;
    };
    EXPECT_EQ(code_of(target(100)), fine);
    EXPECT_EQ(code_of(target(101)), Code::target_too_long);
    EXPECT_EQ(code_of("GET /" + std::string(1000, 'a')), Code::target_too_long);

    const auto body = [](std::size_t size) {
        return "PUT / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + end +
               std::string(size, 'b');
    };
    EXPECT_EQ(code_of(body(50)), fine);
    EXPECT_EQ(code_of(body(51)), Code::body_too_large);

    const auto chunks = [](int count) {
        std::string bytes = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked" + end;
        for (int i = 0; i < count; ++i) {
            bytes += "5\r\n12345\r\n";
        }
        return bytes + "0\r\n\r\n";
    };
    EXPECT_EQ(code_of(chunks(10)), fine);
    EXPECT_EQ(code_of(chunks(11)), Code::body_too_large);

    const auto headers = [](int count) {
        std::string bytes = "GET / HTTP/1.1\r\n";
        for (int i = 1; i < count; ++i) {
            bytes += "X: y\r\n";
        }
        return bytes + "Host: a\r\n\r\n";
    };
    EXPECT_EQ(code_of(headers(10)), fine);
    EXPECT_EQ(code_of(headers(11)), Code::headers_too_large);
    EXPECT_EQ(code_of("GET / HTTP/1.1\r\nX: " + std::string(600, 'y') + end),
              Code::headers_too_large);
}

TEST(ProxyParser, ForwardsWhatIsTheDatabases) {
    const auto requests =
        parse("GET / HTTP/1.1\r\nHost: a\r\nCookie: c\r\nConnection: x-hop\r\nX-Hop: h\r\n"
              "X-Inventory-Route: r\r\nIf-Match: \"1\"\r\nIF-MATCH: \"2\"\r\n"
              "snyk-request-id: 3F2504E0-4F89-41D3-9A0C-0305E82C3301\r\n"
              "Authorization: bEaReR abc\r\n\r\n");
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(
        requests[0].headers,
        "snyk-request-id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n"
        "x-inventory-key-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
        "if-match: \"1\", \"2\"");
}

TEST(ProxyParser, MakesTheTargetAscii) {
    EXPECT_EQ(parse("GET /\xc3\xa9?q=%c3 HTTP/1.1" + end)[0].target, "/%C3%A9?q=%c3");
    EXPECT_EQ(parse("GET HTTP://b/x?y HTTP/1.1" + end)[0].target, "/x?y");
    EXPECT_EQ(parse("GET http://b?y HTTP/1.1" + end)[0].target, "/?y");
    EXPECT_EQ(parse("GET http://b HTTP/1.1" + end)[0].target, "/");
}

TEST(ProxyParser, WeighsCodings) {
    const auto takes = [](const std::string &list) {
        return parse("GET / HTTP/1.1\r\nAccept-Encoding: " + list + end)[0].accepts_gzip;
    };
    EXPECT_TRUE(takes("gzip"));
    EXPECT_TRUE(takes("br, GZIP;q=0.5"));
    EXPECT_TRUE(takes("*"));
    EXPECT_FALSE(takes("br"));
    EXPECT_FALSE(takes("gzip;q=0"));
    EXPECT_FALSE(takes("gzip; q=0.000, *"));
}

} // namespace
} // namespace inventory::proxy
