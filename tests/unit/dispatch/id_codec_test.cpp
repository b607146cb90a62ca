#include "dispatch/id_codec.hpp"

#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/random.hpp"

#include <array>
#include <random>
#include <set>
#include <string>

using namespace quivive;
using namespace quivive::test;

namespace {
constexpr std::size_t size = 8;
}

TEST_CASE("connection ids: ids are unique, and only a codec with the same key reads their shard")
{
    const std::size_t length = GENERATE(std::size_t{8}, std::size_t{9}, std::size_t{16});
    const dispatch::id_codec codec{{1, 2}, length, 16}, unknown_peer{{1, 3}, length, 16};
    std::uint64_t count = 0;
    const auto random = [&](std::span<std::byte> out) { wire::write_integer(out, ++count); };
    std::set<std::string> seen;
    std::size_t told = 0;
    for (std::size_t i = 0; i < 1'600; ++i) {
        const auto id = codec.make(i % 16, random);
        CHECK(codec.shard_of(id.value()) == i % 16);
        seen.insert(std::string{wire::as_text(id.value())});
        if (unknown_peer.shard_of(id.value())) ++told;
    }
    CHECK(seen.size() == 1'600);
    CHECK(told <= 2);  // once in 65 536 times
}

TEST_CASE("connection ids: one random id in 65 536 is taken for an id of the codec")
{
    const std::size_t shards = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{256});
    const dispatch::id_codec codec{{1, 2}, size, shards};
    std::mt19937_64 random{7};
    std::size_t passed = 0;
    std::array<std::byte, size> id{};
    for (int n = 0; n < 2'000'000; ++n) {
        wire::write_integer(id, random());
        if (codec.shard_of(id)) ++passed;
    }
    CHECK(passed > 10);  // 30.5 are expected, and the source is seeded
    CHECK(passed < 60);
}

TEST_CASE("connection ids: a change of any bit of an id is detected")
{
    const dispatch::id_codec codec{{1, 2}, size, 4};
    std::size_t passed = 0;
    for (int n = 0; n < 100; ++n) {
        const auto made = codec.make(3, tls::fill_random);
        for (std::size_t bit = 0; bit < 8 * (size - 1); ++bit) {  // the last byte holds the number
            octets changed{made.value().begin(), made.value().end()};
            changed[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
            if (codec.shard_of(changed)) ++passed;
        }
    }
    CHECK(passed <= 3);  // out of 5 600
}

TEST_CASE("connection ids: a process with another number of threads reads the ids of its predecessor")
{
    const dispatch::id_codec before{{1, 2}, size, 12}, after{{1, 2}, size, 5};
    for (std::size_t shard = 0; shard < 12; ++shard)
        CHECK(after.shard_of(before.make(shard, tls::fill_random).value()) == shard % 5);
    const dispatch::id_codec most{{1, 2}, size, 1'024};
    CHECK(most.shard_of(most.make(1'023, tls::fill_random).value()) == 1'023u);
}

TEST_CASE("connection ids: an id of another length is rejected")
{
    const dispatch::id_codec codec{{1, 2}, size, 4};
    const auto id = codec.make(3, tls::fill_random);
    CHECK_FALSE(codec.shard_of(id.value().first(7)));
    CHECK_FALSE(codec.shard_of({}));
}

TEST_CASE("connection ids: the id of a datagram is read only from records that have one")
{
    const dispatch::id_codec codec{{1, 2}, size, 4};
    const auto id = codec.make(3, tls::fill_random);
    octets datagram(11, std::byte{0});
    datagram[0] = std::byte{25};
    datagram.insert(datagram.end(), id.value().begin(), id.value().end());
    CHECK(codec.shard_of(codec.id_of_datagram(datagram)) == 3u);
    datagram[0] = std::byte{23};
    CHECK(codec.id_of_datagram(datagram).empty());
    datagram[0] = std::byte{25};
    datagram.pop_back();
    CHECK(codec.id_of_datagram(datagram).empty());
    CHECK(codec.id_of_datagram({}).empty());
}

TEST_CASE("connection ids: ids made under any listed key are recognized, ids of a removed key are not")
{
    const gate::hash_key old_key{1, 2}, new_key{3, 4}, next_key{5, 6};
    const dispatch::id_codec before{old_key, size, 4}, added{{old_key, new_key}, size, 4},
        moved{{new_key, old_key}, size, 4}, after{{new_key, next_key}, size, 4};
    std::size_t taken_for_its_own = 0;
    for (std::size_t n = 0; n < 1'000; ++n) {
        const auto old_id = added.make(n % 4, tls::fill_random);
        CHECK(before.shard_of(old_id.value()) == n % 4);  // the first key makes ids
        CHECK(moved.shard_of(old_id.value()) == n % 4);
        const auto new_id = moved.make(n % 4, tls::fill_random);
        CHECK(added.shard_of(new_id.value()) == n % 4);
        CHECK(after.shard_of(new_id.value()) == n % 4);
        if (after.shard_of(old_id.value())) ++taken_for_its_own;
    }
    CHECK(taken_for_its_own <= 2);  // 1 000 times two keys in 65 536
}

TEST_CASE("connection ids: an id that two keys would recognize is not made")
{
    const gate::hash_key old_key{1, 2}, new_key{3, 4};
    const dispatch::id_codec both{{old_key, new_key}, size, 4}, other{new_key, size, 4},
        alone{old_key, size, 4};
    std::mt19937_64 source{11};
    std::uint64_t ambiguous = 0;  // random part of an id that both keys recognize
    for (;; ambiguous = source()) {
        const auto again = [&](std::span<std::byte> out) { wire::write_integer(out, ambiguous); };
        if (other.shard_of(alone.make(3, again).value())) break;
    }
    int draws = 0;
    const auto random = [&](std::span<std::byte> out) {
        wire::write_integer(out, draws++ == 0 ? ambiguous : ambiguous + 1);
    };
    const auto id = both.make(3, random);
    CHECK(draws == 2);
    CHECK(both.shard_of(id.value()) == 3u);
    CHECK_FALSE(other.shard_of(id.value()));
}
