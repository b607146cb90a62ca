#include "quivive/server_config.hpp"

#include "support/catch.hpp"

#include <string>

using namespace quivive;
using namespace std::string_literals;
namespace ip = boost::asio::ip;

TEST_CASE("An endpoint is parsed and printed in the same form")
{
    const std::string text = GENERATE("127.0.0.1:4433", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:4433",
                                      "[::]:1", "[2001:db8::5]:5684");
    CAPTURE(text);
    const auto endpoint = parse_endpoint(text);
    REQUIRE(endpoint);
    CHECK(to_string(*endpoint) == text);
}

TEST_CASE("RFC 4007 11: an endpoint with a link-local address has an interface")
{
    const auto endpoint = parse_endpoint("[fe80::1%7]:4433");
    REQUIRE(endpoint);
    CHECK(endpoint->address().to_v6().scope_id() == 7);
    CHECK(endpoint->port() == 4433);
}

TEST_CASE("Any other text is not an endpoint")
{
    const std::string text =
        GENERATE(as<std::string>{}, "", ":", ":4433", "4433", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                 "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:1 ", " 127.0.0.1:1",
                 "127.0.0.1:0x10", "127.0.0.1:99999999999999999999", "127.0.0.256:1", "127.1:1",
                 "localhost:4433", "::1:4433", "[::1]", "[::1]4433", "[::1:4433", "::1]:4433", "[]:1",
                 "[127.0.0.1]:4433", "[[::1]]:4433", "127.0.0.1:1:2", "127.0.0.1\0:4433"s, "127.0.0.1:44\0"s);
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
}

TEST_CASE("RFC 4291 2.5.5.2: an IPv4-mapped address is written as IPv4")
{
    const ip::udp::endpoint mapped{ip::make_address("::ffff:192.0.2.1"), 9};
    CHECK(to_string(mapped) == "192.0.2.1:9");
}
