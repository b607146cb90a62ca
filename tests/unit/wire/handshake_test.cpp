#include "wire/handshake.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

using namespace quivive;
using namespace quivive::test;

TEST_CASE("handshake messages: a record holds at most eight messages, each with a whole header and body")
{
    const auto one = make_octets({11, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 10}) + octets(10);
    CHECK_FALSE(wire::check_messages(one));
    for (std::size_t cut = 0; cut < one.size(); ++cut)
        CHECK(wire::check_messages(wire::bytes{one}.first(cut)) == drop_reason::inconsistent_fragment);

    octets many;
    for (int i = 0; i < 8; ++i) many = std::move(many) + one;
    CHECK_FALSE(wire::check_messages(many));
    CHECK(wire::check_messages(many + octets(1)) == drop_reason::too_many_fragments);
    CHECK(wire::check_messages(many + one) == drop_reason::too_many_fragments);
}
