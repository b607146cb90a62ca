#include "dispatch/budget.hpp"

#include "dispatch/held_flight.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"

using namespace quivive;

TEST_CASE("RFC 9000 8: three times what came may be sent, all of it or nothing at a time")
{
    dispatch::budget allowance;
    CHECK(!allowance.spend(1));
    allowance.received(100);
    CHECK(!allowance.spend(301));
    CHECK(allowance.spend(200));
    CHECK(!allowance.spend(101));
    CHECK(allowance.spend(100));
    CHECK(allowance.left() == 0);
    allowance.received(1);
    CHECK(allowance.left() == 3);
}

TEST_CASE("A held flight is passed on as it was, datagram by datagram, and as often as it is asked for")
{
    dispatch::held_flight held;
    const test::octets one{std::byte{1}}, two{std::byte{2}, std::byte{3}};
    held.send({}, one);
    held.send({}, two);
    CHECK(held.size_bytes() == 3);
    test::queue_outbox out;
    held.release(out);
    REQUIRE(out.datagrams.size() == 2);
    CHECK(out.datagrams[0] == one);
    CHECK(out.datagrams[1] == two);
}
