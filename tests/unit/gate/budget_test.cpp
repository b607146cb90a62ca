#include "gate/budget.hpp"

#include "support/catch.hpp"

using namespace quivive;

TEST_CASE(
    "RFC 9000 8: three times the received bytes may be sent, and a datagram is sent whole or not at all")
{
    gate::budget allowance;
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
