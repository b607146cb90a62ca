#include "dispatch/peer_key.hpp"
#include "dispatch/source.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

using namespace quivive;
using dispatch::peer_hash;

// A missing key is a compile error, not a key of zeros.
static_assert(!std::is_default_constructible_v<gate::hash_key>);
static_assert(!std::is_default_constructible_v<peer_hash>);
static_assert(!std::is_default_constructible_v<dispatch::source_prefixes>);

TEST_CASE("peer hash: peers that share a bucket under one key are spread out under another key")
{
    constexpr std::size_t buckets = 541, wanted = 200;
    const peer_hash known{{0, 0}}, secret{{0x1234'5678'9abc'def0, 42}};
    std::vector<dispatch::peer_key> colliding;
    for (std::uint32_t n = 0; colliding.size() < wanted; ++n) {
        REQUIRE(n < 1'000'000);
        const dispatch::peer_key one{
            wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}}, 5'684),
            wire::endpoint::v4({std::byte{10}, std::byte{0}, static_cast<std::byte>(n >> 16), std::byte{1}},
                               static_cast<std::uint16_t>(n))};
        if (known(one) % buckets == 0) colliding.push_back(one);
    }
    std::vector<std::size_t> filled(buckets);
    for (const auto& one : colliding) ++filled[secret(one) % buckets];
    CHECK(*std::ranges::max_element(filled) < 8);
}
