#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "wire/record.hpp"

#include <algorithm>
#include <random>

// Records with connection ids (RFC 9146 4). A record does not contain the size of its id: the receiver has to
// remember the size that it issued.

using namespace quivive;
using namespace quivive::test;
using wire::content_type;

namespace {

octets record_with_id(const octets& id, const octets& payload, std::uint64_t sequence = 1)
{
    auto record = make_record(content_type::tls12_cid, payload, 1, sequence);
    record.insert(record.begin() + 11, id.begin(), id.end());
    return record;
}

octets first_of(const octets& whole, std::size_t size)
{
    return {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// All records of a datagram, and the reason why the rest was dropped.
struct cut_all {
    cut_all(wire::bytes datagram, std::size_t id_size)
    {
        wire::record_cutter cutter{datagram, id_size};
        while (!cutter.done()) {
            const auto before = cutter.rest();
            const auto cut = cutter.next();
            if (const auto* record = std::get_if<wire::record_view>(&cut)) {
                records.push_back(*record);
                check(*record, before, id_size);
            } else {
                CHECK(cutter.done());
                dropped = std::get<drop_reason>(cut);
            }
        }
    }

    /// Checks that the views lie within the datagram and have consistent sizes.
    static void check(const wire::record_view& record, wire::bytes before, std::size_t id_size)
    {
        const auto id = record.is(content_type::tls12_cid) ? id_size : 0;
        const bool good = record.whole.data() == before.data() && record.whole.size() <= before.size() &&
                          record.connection_id.size() == id && record.header().size() == 13 + id &&
                          (id == 0 || record.connection_id.data() == before.data() + 11) &&
                          record.payload.data() == before.data() + 13 + id &&
                          record.whole.size() == 13 + id + record.payload.size() &&
                          record.payload.size() <= wire::max_record_payload;
        if (!good)
            FAIL_CHECK("a view that is not of its datagram, of type " << static_cast<int>(record.type));
    }

    std::vector<wire::record_view> records;
    std::optional<drop_reason> dropped;
};

}  // namespace

TEST_CASE("RFC 9146 4: an id of any size from 0 to 16 is read between sequence number and length")
{
    for (std::size_t size = 0; size <= 16; ++size) {
        CAPTURE(size);
        const auto id = counting(size, 0xe0), payload = counting(40);
        const auto datagram = record_with_id(id, payload, 0xa1b2c3d4e5f6);
        const auto record = wire::first_record(datagram, size);
        REQUIRE(record);
        CHECK(record->is(content_type::tls12_cid));
        CHECK(record->version == wire::dtls_1_2);
        CHECK(record->epoch == 1);
        CHECK(record->sequence == 0xa1b2c3d4e5f6);
        CHECK(std::ranges::equal(record->connection_id, id));
        CHECK(std::ranges::equal(record->payload, payload));
        CHECK(std::ranges::equal(record->whole, datagram));
        CHECK(std::ranges::equal(record->header(), first_of(datagram, 13 + size)));
    }
}

TEST_CASE("RFC 9146 4: records with and without ids share a datagram")
{
    for (std::size_t size = 0; size <= 16; ++size) {
        CAPTURE(size);
        const auto id = counting(size, 1), other = octets(size, std::byte{0xff});
        const std::vector<octets> parts{
            make_record(content_type::handshake, counting(30), 0, 7),
            record_with_id(id, counting(50), 1),
            record_with_id(other, {}, 2),
            make_record(content_type::application_data, counting(3), 1, 3),
            make_record(content_type::return_routability_check, counting(9), 1, 4),
            record_with_id(id, counting(1), 5),
        };
        octets datagram;
        for (const auto& part : parts) datagram = datagram + part;
        const cut_all cut{datagram, size};
        CHECK(!cut.dropped);
        REQUIRE(cut.records.size() == parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            CHECK(std::ranges::equal(cut.records[i].whole, parts[i]));
            CHECK(cut.records[i].connection_id.empty() == (size == 0 || parts[i][0] != std::byte{25}));
        }
        CHECK(std::ranges::equal(cut.records[2].connection_id, other));
    }
}

TEST_CASE("RFC 9146 4: a truncated record with an id is malformed, and the records before it are valid")
{
    for (std::size_t size = 0; size <= 16; ++size) {
        const auto good = record_with_id(counting(size), counting(24)),
                   last = record_with_id(counting(size), counting(20));
        for (std::size_t left = 1; left < last.size(); ++left) {
            CAPTURE(size, left);
            const auto alone = first_of(last, left);  // own allocation: a sanitizer detects reads beyond it
            const cut_all cut{alone, size};
            CHECK(cut.records.empty());
            CHECK(cut.dropped == drop_reason::malformed_record);
            const auto behind = good + alone;
            const cut_all second{behind, size};
            REQUIRE(second.records.size() == 1);
            CHECK(std::ranges::equal(second.records[0].whole, good));
            CHECK(second.dropped == drop_reason::malformed_record);
        }
    }
}

TEST_CASE("RFC 9146 4: a length beyond the datagram or above the record limit is refused")
{
    for (const auto size : std::initializer_list<std::size_t>{1, 8, 16}) {
        CAPTURE(size);
        auto record = record_with_id(counting(size), octets(20'000));
        const auto with_length = [&](std::size_t length) {
            wire::write_integer(std::span{record}.subspan(11 + size, 2), length);
            return wire::first_record(record, size);
        };
        CHECK(with_length(18'432));
        CHECK(!with_length(18'433));
        CHECK(!with_length(0xffff));
        record.resize(13 + size + 100);
        CHECK(with_length(100));
        CHECK(!with_length(101));
    }
}

TEST_CASE("RFC 9146 4: the id size of the receiver does not affect records without an id")
{
    const auto plain = make_record(content_type::application_data, counting(40), 1, 9);
    for (std::size_t size = 0; size <= 16; ++size) {
        const auto record = wire::first_record(plain, size);
        REQUIRE(record);
        CHECK(record->connection_id.empty());
        CHECK(std::ranges::equal(record->whole, plain));
    }
}

TEST_CASE("Record cutter: every view lies within its datagram, whatever bytes with ids it holds")
{
    std::mt19937 random{9'146};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::size_t cut_well = 0, dropped = 0;
    for (int round = 0; round < 5'000; ++round) {
        const auto id_size = below(17);
        octets datagram;
        for (auto records = 1 + below(3); records > 0; --records)
            datagram =
                datagram + (below(4) > 0 ? record_with_id(counting(id_size), counting(below(60)), random())
                                         : make_record(content_type::alert, counting(below(30)), 1, 2));
        for (auto changes = below(4); changes > 0; --changes) {
            auto& changed = datagram[below(datagram.size())];
            changed =
                below(2) > 0 ? changed ^ std::byte{1} << below(8) : static_cast<std::byte>(random() & 0xff);
        }
        if (below(4) == 0) datagram.resize(below(datagram.size() + 20));
        datagram.shrink_to_fit();
        if (datagram.empty()) continue;
        // In one of eight rounds the receiver's ids have another size.
        const cut_all cut{datagram, below(8) > 0 ? id_size : below(17)};
        cut_well += cut.records.size();
        dropped += cut.dropped ? 1U : 0U;
        std::size_t all = 0;
        for (const auto& record : cut.records) all += record.whole.size();
        if (!cut.dropped && all != datagram.size())
            FAIL_CHECK("bytes that are of no record, round " << round);
    }
    CHECK(cut_well > 3'000);
    CHECK(dropped > 1'000);
}
