#include "dispatch/id_codec.hpp"

#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/random.hpp"

#include <set>
#include <string>

using namespace quivive;
using namespace quivive::test;

namespace {
constexpr std::size_t size = 8;
}

TEST_CASE("connection ids: no two are alike, and none tells whose it is to who has not the key")
{
    const dispatch::id_codec codec{{1, 2}, size, 16}, stranger{{1, 3}, size, 16};
    std::uint64_t count = 0;
    const auto random = [&](std::span<std::byte> out) { wire::write_integer(out, ++count); };
    std::set<std::string> seen;
    std::size_t told = 0;
    for (std::size_t i = 0; i < 1'600; ++i) {
        const auto id = codec.make(i % 16, random);
        CHECK(codec.shard_of(id.value()) == i % 16);
        seen.insert(std::string{wire::as_text(id.value())});
        if (stranger.shard_of(id.value()) == i % 16) ++told;
    }
    CHECK(seen.size() == 1'600);
    CHECK(told < 200);  // a 16th by chance
}

TEST_CASE("connection ids: the shard of a datagram is read only of records that have one")
{
    const dispatch::id_codec codec{{1, 2}, size, 4};
    const auto id = codec.make(3, tls::fill_random);
    octets datagram(11, std::byte{0});
    datagram[0] = std::byte{25};
    datagram.insert(datagram.end(), id.value().begin(), id.value().end());
    CHECK(codec.shard_of_datagram(datagram) == 3);
    datagram[0] = std::byte{23};
    CHECK(!codec.shard_of_datagram(datagram));
    datagram[0] = std::byte{25};
    datagram.pop_back();
    CHECK(!codec.shard_of_datagram(datagram));
    CHECK(!codec.shard_of_datagram({}));
}
