#include "transport/sockaddr.hpp"

#include "loopback.hpp"

#include <arpa/inet.h>

using namespace quivive;
using namespace quivive::test;

namespace {

wire::endpoint parse_v6(const char* text, std::uint16_t port = 0, std::uint32_t scope = 0)
{
    wire::endpoint result;
    REQUIRE(::inet_pton(AF_INET6, text, result.address.data()) == 1);
    result.port = port;
    result.scope = scope;
    return result;
}

}  // namespace

TEST_CASE("sockaddr: for an AF_INET socket an IPv4 endpoint becomes a sockaddr_in")
{
    const auto address = transport::to_sockaddr(loopback_v4(5, 4433), AF_INET);
    CHECK(address.size == sizeof(sockaddr_in));
    CHECK(address.v4.sin_family == AF_INET);
    CHECK(ntohs(address.v4.sin_port) == 4433);
    CHECK(ntohl(address.v4.sin_addr.s_addr) == 0x7f000005);
}

TEST_CASE("sockaddr: for a dual-stack socket an IPv4 endpoint becomes a mapped address (RFC 3493 3.7)")
{
    const auto address = transport::to_sockaddr(loopback_v4(5, 4433), AF_INET6);
    CHECK(address.size == sizeof(sockaddr_in6));
    CHECK(address.v6.sin6_family == AF_INET6);
    CHECK(ntohs(address.v6.sin6_port) == 4433);
    CHECK(IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr));
    CHECK(transport::to_endpoint(address) == loopback_v4(5, 4433));
}

TEST_CASE("sockaddr: an endpoint survives the conversion in every family that can represent it")
{
    for (const auto& endpoint : {loopback_v4(1, 1), any_v4, loopback_v4(255, 65'535)})
        for (const int family : {AF_INET, AF_INET6})
            CHECK(transport::to_endpoint(transport::to_sockaddr(endpoint, family)) == endpoint);
    for (const auto& endpoint : {loopback_v6(443), any_v6, parse_v6("2001:db8::7", 5684)})
        CHECK(transport::to_endpoint(transport::to_sockaddr(endpoint, AF_INET6)) == endpoint);
}

TEST_CASE("sockaddr: only a link-local address has a scope (RFC 4291 2.5.6)")
{
    const auto link_local = parse_v6("fe80::1", 4433, 7);
    const auto address = transport::to_sockaddr(link_local, AF_INET6);
    CHECK(address.v6.sin6_scope_id == 7);
    CHECK(transport::to_endpoint(address) == link_local);

    auto global = transport::to_sockaddr(parse_v6("2001:db8::7", 4433), AF_INET6);
    global.v6.sin6_scope_id = 7;
    CHECK(transport::to_endpoint(global)->scope == 0);
    CHECK(transport::to_sockaddr(parse_v6("2001:db8::7", 4433, 7), AF_INET6).v6.sin6_scope_id == 0);
    CHECK(transport::to_sockaddr(parse_v6("fec0::1", 4433, 7), AF_INET6).v6.sin6_scope_id == 0);
}

TEST_CASE("sockaddr: a truncated or non-IP address is not an endpoint")
{
    auto address = transport::to_sockaddr(loopback_v6(1), AF_INET6);
    address.size = sizeof(sockaddr_in6) - 1;
    CHECK_FALSE(transport::to_endpoint(address));

    address = transport::to_sockaddr(loopback_v4(1, 1), AF_INET);
    address.size = sizeof(sockaddr_in) - 1;
    CHECK_FALSE(transport::to_endpoint(address));

    address.size = sizeof(sockaddr_in6);
    address.any.sa_family = AF_UNIX;
    CHECK_FALSE(transport::to_endpoint(address));

    address.any.sa_family = AF_INET6;
    address.size = 0;
    CHECK_FALSE(transport::to_endpoint(address));
}

TEST_CASE("sockaddr: the unspecified addresses of both families are wildcards, whatever the port")
{
    CHECK(transport::is_wildcard(any_v4));
    CHECK(transport::is_wildcard(any_v6));
    CHECK(transport::is_wildcard(parse_v6("::", 4433)));
    CHECK_FALSE(transport::is_wildcard(loopback_v4(1)));
    CHECK_FALSE(transport::is_wildcard(loopback_v6()));
}

TEST_CASE("sockaddr: endpoints are printed in the usual form")
{
    CHECK(transport::to_text(loopback_v4(1, 4433)) == "127.0.0.1:4433");
    CHECK(transport::to_text(loopback_v6(4433)) == "[::1]:4433");
    CHECK(transport::to_text(parse_v6("fe80::1", 4433, 2)) == "[fe80::1%2]:4433");
}
