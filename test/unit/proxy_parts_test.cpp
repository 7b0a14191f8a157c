#include "proxy/config.hpp"
#include "proxy/database.hpp"
#include "proxy/gzip.hpp"
#include "proxy/rate_limiter.hpp"
#include "proxy/response.hpp"
#include "proxy/routes.hpp"
#include "proxy/secret.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace inventory::proxy {
namespace {

using namespace std::chrono_literals;

TEST(ProxyConfig, ReadsUnits) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("1.5"), 1500ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_size("16k"), 16384U);
    EXPECT_EQ(parse_size("1m"), 1048576U);
    EXPECT_EQ(parse_rate("1620/min").requests, 1620);
    EXPECT_EQ(parse_rate("off").requests, 0);
    for (const char *bad : {"", "x", "10 s", "10d", "-1s", "1e99s"}) {
        EXPECT_THROW(parse_duration(bad), std::invalid_argument) << bad;
    }
    for (const char *bad : {"", "k", "1g", "-1"}) {
        EXPECT_THROW(parse_size(bad), std::invalid_argument) << bad;
    }
    for (const char *bad : {"", "5", "0/s", "5/day"}) {
        EXPECT_THROW(parse_rate(bad), std::invalid_argument) << bad;
    }
}

TEST(ProxyRoutes, MatchTemplates) {
    RouteTable routes;
    routes.add("GET", "/orgs/{org_id}/searches/{id}/results", "slow");
    routes.add("POST", "/orgs/{org_id}/searches", "read");
    routes.add("GET", "/orgs/{org_id}", "read"); // what the method says already
    routes.add("GET", "/odd", "unheard-of");
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/searches/2/results"), LaneId::slow);
    EXPECT_EQ(routes.lane_of("HEAD", "/rest/orgs/1/searches/2/results"), LaneId::slow);
    EXPECT_EQ(routes.lane_of("POST", "/orgs/1/searches/2/results"), LaneId::write);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/searches/2/results/"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/searches/2"), LaneId::read);
    EXPECT_EQ(routes.lane_of("POST", "/orgs/1/searches"), LaneId::read);
    EXPECT_EQ(routes.lane_of("PATCH", "/anything"), LaneId::write);
    EXPECT_EQ(routes.lane_of("GET", "*"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/odd"), LaneId::read);
}

TEST(ProxyRoutes, ChooseByParameters) {
    RouteTable routes;
    routes.add("GET", "/orgs/{org_id}/assets", "heavy:filter&meta_count read");
    routes.add("GET", "/orgs/{org_id}/values", "heavy:filter unheard-of slow");
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/assets"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/assets?filter=a"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/assets?xfilter=a&meta_count=only"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/assets?limit=1&meta_count=only&&filter=a/b"),
              LaneId::heavy);
    EXPECT_EQ(routes.lane_of("HEAD", "/rest/orgs/1/assets?filter&meta_count"), LaneId::heavy);
    EXPECT_EQ(routes.lane_of("PATCH", "/orgs/1/assets?filter&meta_count"), LaneId::write);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/assets/2?filter&meta_count"), LaneId::read);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/values?filter=a"), LaneId::heavy);
    EXPECT_EQ(routes.lane_of("GET", "/orgs/1/values?q=filter"), LaneId::slow);
}

TEST(ProxyResponse, PassesHeadersAndKeepsItsOwn) {
    std::string out;
    ResponseInfo info;
    EXPECT_TRUE(
        append_database_headers(out,
                                "content-type: a/b\nvary: accept\nx-inventory-route: /a/{b}\n"
                                "content-length: 5\ntransfer-encoding: chunked\nconnection: close",
                                true, info));
    EXPECT_EQ(out, "content-type: a/b\r\nvary: accept, accept-encoding\r\n");
    EXPECT_EQ(info.route, "/a/{b}");
    EXPECT_FALSE(info.has_content_encoding);
}

TEST(ProxyResponse, LetsNoHeaderSplit) {
    for (const char *bad :
         {"a", "a: b\r", "a: b\x01", ": b", "a b: c", "a\r: b", "a:b", "a: \x7f"}) {
        std::string out;
        ResponseInfo info;
        EXPECT_FALSE(append_database_headers(out, bad, false, info)) << bad;
    }
    std::string out;
    ResponseInfo info;
    EXPECT_TRUE(append_database_headers(out, "\na: \xc3\xa9\n\n", false, info));
    EXPECT_EQ(out, "a: \xc3\xa9\r\n");
}

TEST(ProxyRateLimiter, FillsEvenly) {
    RateLimiter limiter;
    const auto start = Clock::now();
    EXPECT_FALSE(limiter.take("a", start).limited);
    limiter.set_rate({60, 60s});
    for (int i = 0; i < 60; ++i) {
        EXPECT_TRUE(limiter.take("a", start).allowed) << i;
    }
    const auto refused = limiter.take("a", start);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0U);
    EXPECT_EQ(refused.reset, 60U);
    EXPECT_EQ(refused.retry_after, 1U);
    EXPECT_TRUE(limiter.take("b", start).allowed);
    EXPECT_TRUE(limiter.take("a", start + 1s).allowed);
    EXPECT_FALSE(limiter.take("a", start + 1s).allowed);
}

TEST(ProxyRateLimiter, ForgetsTheOldest) {
    RateLimiter limiter;
    limiter.set_rate({1, 60s});
    const auto start = Clock::now();
    EXPECT_TRUE(limiter.take("first", start).allowed);
    EXPECT_FALSE(limiter.take("first", start).allowed);
    for (std::size_t i = 0; i < RateLimiter::bucket_limit; ++i) {
        limiter.take(std::to_string(i), start);
    }
    EXPECT_TRUE(limiter.take("first", start).allowed);
}

TEST(ProxyGzip, IsDecompressedToTheSame) {
    Gzip gzip(1);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
        std::string body(size, 'x');
        const auto packed = gzip.compress(body);
        std::string out(size + 1, '\0');
        z_stream stream{};
        ASSERT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef *>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
        out.resize(stream.total_out);
        EXPECT_EQ(out, body);
        inflateEnd(&stream);
    }
}

TEST(ProxySecret, MakesIds) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::set<Uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        const Uuid id = random_uuid();
        EXPECT_EQ(id[6] >> 4, 4);
        EXPECT_EQ(id[8] >> 6, 2);
        EXPECT_TRUE(seen.insert(id).second);
    }
}

TEST(ProxyDatabase, MapsWhatEscapes) {
    EXPECT_EQ(code_of_sqlstate("57014"), Code::deadline);
    EXPECT_EQ(code_of_sqlstate("57P01"), Code::unavailable);
    EXPECT_EQ(code_of_sqlstate("08006"), Code::unavailable);
    EXPECT_EQ(code_of_sqlstate("53300"), Code::busy);
    EXPECT_EQ(code_of_sqlstate("25006"), Code::internal);
    EXPECT_EQ(code_of_sqlstate("XX000"), Code::internal);
}

} // namespace
} // namespace inventory::proxy
