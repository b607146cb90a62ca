#include "wire/endpoint.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace quivive;
using wire::endpoint;

namespace {

constexpr std::array<std::byte, 4> some_v4{std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}};

}  // namespace

TEST_CASE("RFC 4291 2.5.5.2: an IPv4 endpoint equals its IPv4-mapped IPv6 address")
{
    const auto v4 = endpoint::v4(some_v4, 4433);
    endpoint mapped;
    mapped.address[10] = mapped.address[11] = std::byte{0xff};
    std::ranges::copy(some_v4, mapped.address.begin() + 12);
    mapped.port = 4433;
    CHECK(v4 == mapped);
    CHECK(v4.is_v4());
    CHECK(mapped.is_v4());
    CHECK(std::ranges::equal(v4.v4_bytes(), some_v4));
}

TEST_CASE("The IPv6 loopback address and IPv4-compatible addresses are not IPv4")
{
    endpoint v6;
    CHECK_FALSE(v6.is_v4());
    v6.address[15] = std::byte{1};
    CHECK_FALSE(v6.is_v4());
    std::ranges::copy(some_v4, v6.address.begin() + 12);
    CHECK_FALSE(v6.is_v4());
    auto nearly = endpoint::v4(some_v4, 1);
    nearly.address[0] = std::byte{1};
    CHECK_FALSE(nearly.is_v4());
}

TEST_CASE("Endpoints differ by address, port and scope, and paths also by socket")
{
    const auto one = endpoint::v4(some_v4, 1);
    auto port = one, scope = one, address = one;
    port.port = 2;
    scope.scope = 1;
    address.address[15] = std::byte{2};
    for (const auto& other : {port, scope, address}) {
        CHECK(one != other);
        CHECK((one < other || other < one));
        CHECK(wire::path{one, one, 0} != wire::path{one, other, 0});
        CHECK(wire::path{one, one, 0} != wire::path{other, one, 0});
    }
    CHECK(wire::path{one, one, 0} != wire::path{one, one, 1});
}
