#include "quivive/network.hpp"

#include "support/catch.hpp"

#include <string>

using namespace quivive;
using namespace std::string_literals;

namespace {

bool holds(const char* network_text, const char* address)
{
    const auto range = network::parse(network_text).value();
    const auto one = network::parse(address).value();
    return range.is_v4() == one.is_v4() && range.first() <= one.first() && one.last() <= range.last();
}

}  // namespace

TEST_CASE("RFC 4632, RFC 4291 2.3: a network is parsed and printed in the same form")
{
    const std::string text =
        GENERATE("10.20.0.0/16", "0.0.0.0/0", "192.0.2.1/32", "128.0.0.0/1", "10.255.255.254/31", "fd00::/8",
                 "::/0", "2001:db8::5/128", "2001:db8::4/127", "fe80::/10", "8000::/1");
    CAPTURE(text);
    const auto read = network::parse(text);
    REQUIRE(read);
    CHECK(to_string(*read) == text);
    CHECK(network::enclosing(text) == read);
}

TEST_CASE("An address without a prefix length is a network of one address")
{
    CHECK(to_string(network::parse("192.0.2.1").value()) == "192.0.2.1/32");
    CHECK(to_string(network::parse("2001:db8::1").value()) == "2001:db8::1/128");
}

TEST_CASE("Bits beyond the prefix are refused by `parse` and cleared by `enclosing`")
{
    CHECK(!network::parse("10.20.0.1/16"));
    CHECK(to_string(network::enclosing("10.20.0.1/16").value()) == "10.20.0.0/16");
    CHECK(!network::parse("255.255.255.255/31"));
    CHECK(to_string(network::enclosing("255.255.255.255/13").value()) == "255.248.0.0/13");
    CHECK(!network::parse("1.2.3.4/0"));
    CHECK(to_string(network::enclosing("1.2.3.4/0").value()) == "0.0.0.0/0");
    CHECK(!network::parse("fd00::1/8"));
    CHECK(to_string(network::enclosing("2001:db8:ffff::1/33").value()) == "2001:db8:8000::/33");
}

TEST_CASE("Any other text is not a network")
{
    const std::string text = GENERATE(
        as<std::string>{}, "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
        "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0 /8", "10.0.0.0/0x8",
        "10.0.0.0/8/8", "10.0.0.0/4294967304", "10.0.0.0/255.0.0.0", "10/8", "10.0.0/8", "010.0.0.0/8",
        "256.0.0.0/8", "localhost", "[fd00::]/8", "fd00::/129", "fd00:/8", "fe80::%eth0/64", "fe80::1%1",
        "::ffff:10.0.0.0/129", "10.0.0.0/8\0"s, "10.0.0.0\0/8"s, "fd00::\0x/8"s);
    CAPTURE(text);
    CHECK(!network::parse(text));
    CHECK(!network::enclosing(text));
}

TEST_CASE("RFC 4291 2.5.5.2: an IPv4-mapped network is stored as IPv4")
{
    CHECK(network::parse("::ffff:10.0.0.0/104") == network::parse("10.0.0.0/8"));
    CHECK(network::parse("::ffff:0:0/96") == network::parse("0.0.0.0/0"));
    CHECK(to_string(network::parse("::ffff:192.0.2.1").value()) == "192.0.2.1/32");
    CHECK(to_string(network::enclosing("::ffff:10.1.2.3/104").value()) == "10.0.0.0/8");
    CHECK(!network::parse("::ffff:10.1.2.3/104"));
    // A prefix shorter than the IPv4-mapped one is an IPv6 network.
    CHECK(to_string(network::enclosing("::ffff:10.1.2.3/80").value()) == "::/80");
    CHECK(to_string(network::enclosing("::ffff:10.1.2.3/90").value()) == "::ffc0:0:0/90");
}

TEST_CASE("A network contains exactly the addresses that start with its prefix")
{
    CHECK(holds("10.20.0.0/16", "10.20.0.0"));
    CHECK(holds("10.20.0.0/16", "10.20.255.255"));
    CHECK(!holds("10.20.0.0/16", "10.19.255.255"));
    CHECK(!holds("10.20.0.0/16", "10.21.0.0"));
    CHECK(holds("10.248.0.0/13", "10.255.1.2"));
    CHECK(!holds("10.248.0.0/13", "10.247.1.2"));
    CHECK(holds("192.0.2.1", "192.0.2.1"));
    CHECK(!holds("192.0.2.1", "192.0.2.2"));
    CHECK(holds("fd00::/8", "fdff::1"));
    CHECK(!holds("fd00::/8", "fe00::1"));
    CHECK(holds("2001:db8::/33", "2001:db8:7fff::"));
    CHECK(!holds("2001:db8::/33", "2001:db8:8000::"));
}

TEST_CASE("A network with prefix length zero contains its own address family only")
{
    CHECK(holds("0.0.0.0/0", "0.0.0.0"));
    CHECK(holds("0.0.0.0/0", "255.255.255.255"));
    CHECK(!holds("0.0.0.0/0", "::"));
    CHECK(!holds("0.0.0.0/0", "2001:db8::1"));
    CHECK(holds("::/0", "2001:db8::1"));
    CHECK(!holds("::/0", "10.0.0.1"));
    CHECK(!holds("::/80", "::ffff:10.0.0.1"));  // although the address begins with that prefix
}

TEST_CASE("An IPv4-mapped address is treated as IPv4 in networks too")
{
    CHECK(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
    CHECK(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
    CHECK(!holds("10.0.0.0/8", "::ffff:11.1.2.3"));
    CHECK(!holds("::/0", "::ffff:10.1.2.3"));
}
