#include "dispatch/buffering_outbox.hpp"

#include "support/catch.hpp"
#include "support/tls_pair.hpp"

using namespace quivive;

TEST_CASE("A held flight is passed on unchanged, datagram by datagram, as often as it is released")
{
    dispatch::buffering_outbox held;
    const test::octets one{std::byte{1}}, two{std::byte{2}, std::byte{3}};
    held.send({}, one);
    held.send({}, two);
    CHECK(held.size_bytes() == 3);
    test::queue_outbox out;
    held.flush(out);
    REQUIRE(out.datagrams.size() == 2);
    CHECK(out.datagrams[0] == one);
    CHECK(out.datagrams[1] == two);
}
