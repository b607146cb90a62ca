#include "gate/move_rules.hpp"

#include "support/catch.hpp"

using namespace quivive;
using gate::move_rules;

namespace {

network a_network(const char* text) { return network::parse(text).value(); }

wire::endpoint host_of(unsigned char a, unsigned char d)
{
    return wire::endpoint::v4({std::byte{a}, {}, {}, std::byte{d}}, 1);
}

}  // namespace

TEST_CASE(
    "the first rule that contains the new address decides about a move, by default connection_ids.moves")
{
    const move_rules rules{
        {.moves = move_policy::limited,
         .rules = {{{a_network("10.0.0.0/30"), a_network("fd00::/8")}, move_policy::trusted},
                   {{a_network("10.0.0.0/8")}, move_policy::sustained}}}};
    CHECK(rules.find(host_of(10, 3)) == move_policy::trusted);
    CHECK(rules.find(host_of(10, 4)) == move_policy::sustained);
    CHECK(rules.find(host_of(11, 3)) == move_policy::limited);
    wire::endpoint v6;
    v6.address[0] = std::byte{0xfd};
    CHECK(rules.find(v6) == move_policy::trusted);
    CHECK(move_rules{}.find(v6) == move_policy::sustained);
}

TEST_CASE("an address is shared if and only if shared_networks contains it")
{
    const move_rules rules{{}, {a_network("100.64.0.0/10")}};
    CHECK(rules.is_shared(wire::endpoint::v4({std::byte{100}, std::byte{127}, {}, {}}, 1)));
    CHECK_FALSE(rules.is_shared(host_of(100, 1)));
    CHECK_FALSE(move_rules{}.is_shared(host_of(100, 1)));
}
