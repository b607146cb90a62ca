#include "gate/amplification_limiter.hpp"

#include "support/catch.hpp"

using namespace quivive;

TEST_CASE(
    "RFC 9000 8: three times the received bytes may be sent, and a datagram is sent whole or not at all")
{
    gate::amplification_limiter allowance;
    CHECK(!allowance.take(1));
    allowance.received(100);
    CHECK(!allowance.take(301));
    CHECK(allowance.take(200));
    CHECK(!allowance.take(101));
    CHECK(allowance.take(100));
    CHECK(allowance.left() == 0);
    allowance.received(1);
    CHECK(allowance.left() == 3);
}
