#include "session/saved_session.hpp"

#include "support/catch.hpp"
#include "support/tls_pair.hpp"

#include <algorithm>

using namespace quivive;
using sessions::saved_session;
using test::octets;

namespace {

saved_session example()
{
    saved_session saved;
    saved.path = {wire::endpoint::v4({std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}}, 4433),
                  wire::endpoint::v4({std::byte{10}, std::byte{1}, std::byte{2}, std::byte{3}}, 999), 0};
    saved.path.peer.scope = 7;
    saved.shard = 3;
    const octets key(32, std::byte{0x11}), iv(12, std::byte{0x22}), other(32, std::byte{0x33});
    saved.keys = {record::cipher::aes_256_gcm, {key, iv}, {other, iv}, 1'000,
                  0x0001'0000'0001'0005,       {},        42,          7};
    saved.keys.window = record::replay_window::restored(99, 0x5555);
    saved.ids.emplace();
    saved.ids->own = wire::own_connection_id{octets(8, std::byte{0x51})};
    saved.ids->peers = wire::peers_connection_id{octets(20, std::byte{0xc1})};
    saved.ids->checks_paths = true;
    saved.facts.protocol = "DTLS1.2";
    saved.facts.peer_subject = "CN=somebody";
    saved.facts.resumed = true;
    saved.facts.application = octets(5, std::byte{0xaa});
    keying_material keying;
    keying.exported = {secret{octets(32, std::byte{0x0e})}, secret{}};
    keying.srtp_profile = "SRTP_AES128_CM_HMAC_SHA1_80";
    keying.srtp_keys = secret{octets(60, std::byte{0x0f})};
    saved.facts.keying = std::make_shared<const keying_material>(keying);
    saved.validated = true;
    saved.client_random_digest.fill(std::byte{0x77});
    saved.last_flight = octets(90, std::byte{0x16});
    saved.flight_kept = std::chrono::milliseconds{1'234};
    using text = wire::secret_bytes;
    saved.unread = {text(3, std::byte{1}), {}, text(1'000, std::byte{2})};
    return saved;
}

}  // namespace

TEST_CASE("saved session: every field is read back as it was written")
{
    const auto saved = example();
    const auto read = sessions::decode(sessions::encode(saved));
    REQUIRE(read);
    CHECK(read->path.local == saved.path.local);
    CHECK(read->path.peer == saved.path.peer);
    CHECK(read->shard == 3);
    CHECK(read->keys.cipher == saved.keys.cipher);
    CHECK(std::ranges::equal(read->keys.read.key(saved.keys.cipher), saved.keys.read.key(saved.keys.cipher)));
    CHECK(
        std::ranges::equal(read->keys.write.key(saved.keys.cipher), saved.keys.write.key(saved.keys.cipher)));
    CHECK(read->keys.read.iv() == saved.keys.read.iv());
    CHECK(read->keys.next_write == saved.keys.next_write);
    CHECK(read->keys.window.newest() == 99);
    CHECK(read->keys.window.seen() == 0x5555);
    CHECK(read->keys.blocks == 42);
    CHECK(read->keys.forgeries == 7);
    CHECK(read->keys.size_limit == 1'000);
    REQUIRE(read->ids);
    CHECK(read->ids->own == saved.ids->own);
    CHECK(read->ids->peers == saved.ids->peers);
    CHECK(read->ids->checks_paths);
    CHECK(read->facts.protocol == "DTLS1.2");
    CHECK(read->facts.peer_subject == "CN=somebody");
    CHECK(read->facts.resumed);
    CHECK(read->facts.application == saved.facts.application);
    REQUIRE(read->facts.keying);
    REQUIRE(read->facts.keying->exported.size() == 2);
    CHECK(read->facts.keying->exported[0].bytes() == saved.facts.keying->exported[0].bytes());
    CHECK(read->facts.keying->exported[1].bytes().empty());
    CHECK(read->facts.keying->srtp_profile == "SRTP_AES128_CM_HMAC_SHA1_80");
    CHECK(read->facts.keying->srtp_keys.bytes() == saved.facts.keying->srtp_keys.bytes());
    CHECK(read->validated);
    CHECK(read->client_random_digest == saved.client_random_digest);
    CHECK(read->last_flight == saved.last_flight);
    CHECK(read->flight_kept == saved.flight_kept);
    CHECK(read->unread == saved.unread);
    CHECK(sessions::encode(*read) == sessions::encode(saved));
}

TEST_CASE("saved session: the error for keys without an extended master secret is preserved")
{
    auto saved = example();
    keying_material keying;
    keying.error = GENERATE(error_code{}, make_error_code(errc::no_extended_master_secret));
    saved.facts.keying = std::make_shared<const keying_material>(keying);
    const auto read = sessions::decode(sessions::encode(saved));
    REQUIRE(read);
    REQUIRE(read->facts.keying);
    CHECK(read->facts.keying->error == keying.error);
    CHECK(read->facts.keying->exported.empty());
}

TEST_CASE("saved session: its buffer never grows, since freed buffers would keep keys unwiped")
{
    auto saved = example();
    for (std::size_t size = 0; size < 300; size += 7) {
        saved.unread.front().resize(size);
        const auto written = sessions::encode(saved);
        CHECK(written.capacity() == written.size());
    }
}

TEST_CASE("saved session: a session without ids is read back without ids")
{
    auto saved = example();
    saved.ids.reset();
    const auto read = sessions::decode(sessions::encode(saved));
    REQUIRE(read);
    CHECK(!read->ids);
}

TEST_CASE("saved session: truncated or longer bytes and other versions are refused")
{
    const auto whole = sessions::encode(example());
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(!sessions::decode(wire::bytes{whole}.first(size)));
    auto longer = whole;
    longer.push_back(std::byte{0});
    CHECK(!sessions::decode(longer));
    auto other = whole;
    for (const int version : {0, 3, 255}) {
        other[0] = static_cast<std::byte>(version);
        CHECK(!sessions::decode(other));
    }
}

TEST_CASE("saved session: the first version, which has no size limit, gets the largest one")
{
    auto former = sessions::encode(example());
    former[0] = std::byte{1};
    CHECK(!sessions::decode(former));
    former.resize(former.size() - 2);
    const auto read = sessions::decode(former);
    REQUIRE(read);
    CHECK(read->keys.size_limit == wire::max_record_plaintext);
    CHECK(read->unread == example().unread);
}

TEST_CASE("RFC 8449 4: a saved session with a size limit outside the allowed range is refused")
{
    const auto limit = GENERATE(std::uint16_t{0}, std::uint16_t{63}, std::uint16_t{64}, std::uint16_t{16'384},
                                std::uint16_t{16'385});
    auto saved = example();
    saved.keys.size_limit = limit;
    CHECK(sessions::decode(sessions::encode(saved)).has_value() == (limit >= 64 && limit <= 16'384));
}

TEST_CASE("saved session: impossible sequence numbers and windows are refused")
{
    auto saved = example();
    SECTION("its next record is of another epoch") { saved.keys.next_write = 0x0002'0000'0000'0001; }
    SECTION("its next record is plaintext") { saved.keys.next_write = 5; }
    SECTION("its window is beyond the last sequence number")
    {
        saved.keys.window = record::replay_window::restored(std::uint64_t{1} << 48, 1);
    }
    CHECK(!sessions::decode(sessions::encode(saved)));
}

TEST_CASE("saved session: bytes changed anywhere never crash the reader or produce an unusable session")
{
    const auto whole = sessions::encode(example());
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const auto bits : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
            auto changed = whole;
            changed[at] ^= bits;
            const auto read = sessions::decode(changed);
            if (!read) continue;
            CHECK(static_cast<std::size_t>(read->keys.cipher) < record::all_ciphers.size());
            CHECK(read->unread.size() <= changed.size());
        }
}

TEST_CASE("saved session: an unknown kind of keying material is refused")
{
    auto saved = example();
    keying_material keying;
    saved.facts.keying = std::make_shared<const keying_material>(keying);
    auto encoded = sessions::encode(saved);
    keying.error = make_error_code(errc::no_extended_master_secret);
    saved.facts.keying = std::make_shared<const keying_material>(keying);
    const auto other = sessions::encode(saved);
    REQUIRE(encoded.size() == other.size());
    const auto kind = std::ranges::mismatch(encoded, other).in1;
    REQUIRE(kind != encoded.end());
    REQUIRE(sessions::decode(encoded));
    for (int unknown = 3; unknown < 256; ++unknown) {
        *kind = static_cast<std::byte>(unknown);
        CHECK_FALSE(sessions::decode(encoded));
    }
}
