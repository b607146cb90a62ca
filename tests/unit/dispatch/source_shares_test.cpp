// Which addresses belong to one source, and the counters of a source.
#include "dispatch/source_shares.hpp"

#include "support/catch.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <string>

using namespace quivive;
using dispatch::source_prefixes;
using dispatch::source_shares;

namespace {

wire::endpoint at(const std::string& address, std::uint16_t port = 1)
{
    const auto parsed = boost::asio::ip::make_address(address);
    wire::endpoint end;
    if (parsed.is_v4()) {
        std::array<std::byte, 4> bytes{};
        std::ranges::transform(parsed.to_v4().to_bytes(), bytes.begin(), [](auto b) { return std::byte{b}; });
        return wire::endpoint::v4(bytes, port);
    }
    std::ranges::transform(parsed.to_v6().to_bytes(), end.address.begin(),
                           [](auto b) { return std::byte{b}; });
    end.port = port;
    end.scope = static_cast<std::uint32_t>(parsed.to_v6().scope_id());
    return end;
}

source_prefixes prefixes(std::size_t ipv4 = 32, std::size_t ipv6 = 64)
{
    limits chosen;
    chosen.source_prefix_ipv4 = ipv4;
    chosen.source_prefix_ipv6 = ipv6;
    return {{1, 2}, chosen};
}

bool same_own(const source_prefixes& by, const std::string& one, const std::string& other)
{
    return by.of(at(one)).own == by.of(at(other, 2)).own;
}

bool same_around(const source_prefixes& by, const std::string& one, const std::string& other)
{
    const auto left = by.of(at(one)).around, right = by.of(at(other, 2)).around;
    return left && right && *left == *right;
}

}  // namespace

TEST_CASE("a source is an IPv4 address or an IPv6 /64 network, and the network around it is a /24 or a /48")
{
    const auto by = prefixes();
    CHECK(same_own(by, "192.0.2.1", "192.0.2.1"));
    CHECK_FALSE(same_own(by, "192.0.2.1", "192.0.2.2"));
    CHECK(same_around(by, "192.0.2.1", "192.0.2.254"));
    CHECK_FALSE(same_around(by, "192.0.2.1", "192.0.3.1"));

    CHECK(same_own(by, "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
    CHECK_FALSE(same_own(by, "2001:db8:1:2::1", "2001:db8:1:3::1"));
    CHECK(same_around(by, "2001:db8:1:2::1", "2001:db8:1:ffff::1"));
    CHECK_FALSE(same_around(by, "2001:db8:1:2::1", "2001:db8:2:2::1"));
}

TEST_CASE("an IPv4-mapped IPv6 address is the same source as the IPv4 address")
{
    const auto by = prefixes(20, 64);
    CHECK(same_own(by, "::ffff:192.0.2.1", "192.0.15.1"));
    CHECK_FALSE(same_own(by, "::ffff:192.0.2.1", "192.0.16.1"));
    CHECK_FALSE(same_own(by, "::", "::ffff:0.0.0.0"));
}

TEST_CASE("each prefix length compares exactly that many bits")
{
    for (std::size_t length = 1; length <= 128; ++length) {
        const auto by = prefixes(std::min<std::size_t>(length, 32), length);
        const wire::endpoint zero;
        for (std::size_t bit = 0; bit < 128; ++bit) {
            auto other = zero;
            other.address[bit / 8] = static_cast<std::byte>(0x80 >> bit % 8);
            CHECK((by.of(zero).own == by.of(other).own) == (bit >= length));
        }
        if (length > 32) continue;
        for (std::size_t bit = 0; bit < 32; ++bit) {
            auto bytes = std::array<std::byte, 4>{};
            bytes[bit / 8] = static_cast<std::byte>(0x80 >> bit % 8);
            CHECK((by.of(at("0.0.0.0")).own == by.of(wire::endpoint::v4(bytes, 9)).own) == (bit >= length));
        }
    }
}

TEST_CASE("a source as wide as the network around it has no network around it")
{
    for (const auto length : {1U, 23U, 24U}) CHECK_FALSE(prefixes(length).of(at("192.0.2.1")).around);
    CHECK(prefixes(25).of(at("192.0.2.1")).around);
    for (const auto length : {1U, 47U, 48U}) CHECK_FALSE(prefixes(32, length).of(at("2001:db8::1")).around);
    CHECK(prefixes(32, 49).of(at("2001:db8::1")).around);
}

TEST_CASE("prefixes of different length and link-local addresses on different links are different sources")
{
    CHECK(prefixes(24).of(at("192.0.2.0")).own != prefixes(25).of(at("192.0.2.0")).own);
    auto here = at("fe80::1"), there = here;
    here.scope = 1;
    there.scope = 2;
    CHECK(prefixes().of(here).own != prefixes().of(there).own);
}

TEST_CASE("the default quota is a tenth of max_sessions and at least one")
{
    limits chosen;
    CHECK(source_shares::sessions_of(chosen) == 10'000);
    chosen.max_sessions = 9;
    CHECK(source_shares::sessions_of(chosen) == 1);
    chosen.max_sessions_per_source = 7;
    CHECK(source_shares::sessions_of(chosen) == 7);
}

TEST_CASE("the counters of a source and its network are removed with the last peer")
{
    source_shares shares{prefixes()};
    const auto one = at("192.0.2.1"), other = at("192.0.2.2");
    const auto own = shares.prefixes().of(one).own, around = *shares.prefixes().of(one).around;
    shares.add(one);
    shares.add(at("192.0.2.1", 99));
    shares.add(other);
    CHECK(shares.count(own) == 2);
    CHECK(shares.count(around) == 3);
    shares.remove(one);
    shares.remove(other);
    CHECK(shares.count(own) == 1);
    CHECK(shares.count(around) == 1);
    shares.remove(one);
    CHECK(shares.empty());
}
