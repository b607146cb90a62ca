#include "server/shard_group.hpp"

#include "support/catch.hpp"
#include "support/raw_udp.hpp"
#include "tls/random.hpp"

#include <algorithm>
#include <array>

using namespace quivive;
using runtime::shard_group;

namespace {

constexpr std::size_t group_size = 3;

struct group_of_three {
    group_of_three()
    {
        for (std::size_t i = 0; i < group_size; ++i) all.add(nullptr);
    }
    std::optional<std::size_t> place_of(wire::bytes datagram, bool known = false) const
    {
        return all.index_of(datagram, path, [&](const wire::path&) { return known; });
    }

    dispatch::id_codec codec{{1, 2}, 8, group_size};
    shard_group all{codec, {3, 4}};
    const wire::path path{wire::endpoint::v4({}, 5'684), wire::endpoint::v4({std::byte{10}}, 1'000)};
    const wire::own_connection_id none;
};

test::octets record_with(const wire::own_connection_id& id)
{
    test::octets datagram(60);
    datagram[0] = std::byte{25};
    std::ranges::copy(id.value(), datagram.begin() + 11);
    return datagram;
}

wire::own_connection_id random_id(std::size_t length = 8)
{
    std::array<std::byte, 16> bytes{};
    tls::fill_random(bytes);
    return wire::own_connection_id{wire::bytes{bytes}.first(length)};
}

}  // namespace

TEST_CASE("shard group: an id selects the shard of its session once ids are expected")
{
    group_of_three w;
    for (std::size_t place = 0; place < group_size; ++place) {
        const auto record = record_with(w.codec.make(place, tls::fill_random));
        CHECK_FALSE(w.place_of(record));
    }
    w.all.expect_ids();
    for (std::size_t place = 0; place < group_size; ++place)
        CHECK(w.place_of(record_with(w.codec.make(place, tls::fill_random))) == place);
}

TEST_CASE("shard group: hardly any of ten thousand random ids is forwarded to another shard")
{
    group_of_three w;
    w.all.expect_ids();
    std::size_t handed_over = 0;
    for (int n = 0; n < 10'000; ++n)
        if (w.place_of(record_with(random_id()))) ++handed_over;
    CHECK(handed_over <= 4);  // 0.15 are expected
}

TEST_CASE("shard group: an imported session is found by an id that was made under another key")
{
    group_of_three w;
    const dispatch::id_codec former{{7, 8}, 8, 16};
    std::array<wire::own_connection_id, 10> ids;
    for (std::uint32_t n = 0; n < ids.size(); ++n) {
        ids[n] = former.make(n, tls::fill_random);
        CHECK(w.all.choose_shard(w.path, ids[n], n) == n % group_size);
    }
    for (std::size_t n = 0; n < ids.size(); ++n) CHECK(w.place_of(record_with(ids[n])) == n % group_size);
    CHECK_FALSE(w.place_of(record_with(random_id())));
    for (const auto& id : ids) {
        w.all.remove_import(w.path, id);
        CHECK_FALSE(w.place_of(record_with(id)));
    }
}

TEST_CASE(
    "shard group: an imported session with an id of this server is placed on the shard that the id names")
{
    group_of_three w;
    const auto id = w.codec.make(2, tls::fill_random);
    CHECK(w.all.choose_shard(w.path, id, 0) == 2);
    CHECK(w.place_of(record_with(id)) == 2u);
}

TEST_CASE(
    "shard group: an imported session without an id is found by its path unless the reading shard has one")
{
    group_of_three w;
    const test::octets record(60, std::byte{23});
    CHECK(w.all.choose_shard(w.path, w.none, 4) == 1);
    CHECK(w.place_of(record) == 1u);
    CHECK_FALSE(w.place_of(record, true));
    w.all.remove_import(w.path, w.none);
    CHECK_FALSE(w.place_of(record));
}

TEST_CASE("shard group: after a change of the keys the shard is read from ids with the new keys only")
{
    group_of_three w;
    w.all.expect_ids();
    const auto old_id = w.codec.make(1, tls::fill_random);
    const dispatch::id_codec both{{{5, 6}, {1, 2}}, 8, group_size}, after{{5, 6}, 8, group_size};
    const auto new_id = both.make(2, tls::fill_random);
    CHECK_FALSE(w.place_of(record_with(new_id)));
    const auto& replaced = w.all.codec();
    w.all.use(both);
    CHECK(w.place_of(record_with(new_id)) == 2u);
    CHECK(w.place_of(record_with(old_id)) == 1u);
    CHECK(replaced.shard_of(old_id.value()) == 1u);  // some shard may still read with the old codec
    w.all.use(after);
    CHECK(w.place_of(record_with(new_id)) == 2u);
    CHECK_FALSE(w.place_of(record_with(old_id)));
    CHECK(w.all.choose_shard(w.path, old_id, 0) == 0);  // from now on the arrivals table has the id
    CHECK(w.place_of(record_with(old_id)) == 0u);
}
