// A record of the last flight that is sealed again for a retransmission.
#include "fake_aead.hpp"
#include "known_answers.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"

#include "record/detached_protection.hpp"

using namespace quivive;
using record::cipher;
using test::octets;

namespace {

constexpr std::uint64_t first_number = std::uint64_t{1} << 48;

/// The side that sent the last flight: its Finished was the first record under its keys.
struct renewing_end {
    explicit renewing_end(cipher which, std::size_t peers_id_size = 0, std::uint64_t next = first_number)
        : keys{.cipher = which,
               .read = {test::counting(32, 0x80), test::counting(12, 0xf0)},
               .write = {test::counting(32, 0x80), test::counting(12, 0xf0)},
               .next_write = next,
               .window = {}},
          id_size{peers_id_size}
    {
        auto ids = std::make_unique<record::connection_ids>();
        ids->peers = wire::peers_connection_id{octets(id_size, std::byte{0xc1})};
        protection = std::make_unique<record::detached_protection>(keys, 1'400, ciphers, std::move(ids));
    }

    octets sealed()
    {
        REQUIRE(protection->seal(wire::as_bytes("a Finished, say"), {}, out) == record::sealed::sent);
        return out.datagrams.back();
    }
    [[nodiscard]] wire::record_view view(const octets& record) const
    {
        return wire::first_record(record, id_size).value();
    }

    test::aead_calls& calls = test::aead_calls::begin();
    record::session_keys keys;
    std::size_t id_size;
    test::queue_outbox out;
    std::shared_ptr<record::aead_cache> ciphers =
        std::make_shared<record::aead_cache>(test::fake_aead::make, 4);
    std::unique_ptr<record::detached_protection> protection;
};

}  // namespace

TEST_CASE("RFC 6347 4.2.2: a retransmitted record has the next number, its own nonce and the same content")
{
    renewing_end one{GENERATE(cipher::aes_128_gcm, cipher::aes_256_ccm_8, cipher::chacha20_poly1305),
                     GENERATE(std::size_t{0}, std::size_t{4})};
    const auto first = one.sealed();
    auto repeat = first;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        const auto blocks = one.protection->keys()->blocks;
        one.protection->renew(repeat);
        CHECK(one.view(repeat).sequence == n);
        CHECK(one.view(repeat).epoch == 1);
        CHECK(one.protection->keys()->next_write == first_number + n + 1);
        CHECK(one.protection->keys()->blocks == blocks + 2);
    }
    CHECK(repeat.size() == first.size());
    const auto text = [&](const octets& record) {
        const auto payload =
            one.view(record).payload.subspan(record::traits_of(one.keys.cipher).explicit_nonce);
        return octets{payload.begin(), payload.end()};  // this is the ciphertext of the fake cipher
    };
    CHECK(text(repeat) == text(first));
    CHECK(one.view(repeat).type == one.view(first).type);
    CHECK(one.view(one.sealed()).sequence == 4);
    REQUIRE(one.calls.seals.size() == 5);
    for (std::size_t i = 1; i < one.calls.seals.size(); ++i)
        CHECK(one.calls.seals[i].unique != one.calls.seals[i - 1].unique);
}

TEST_CASE("A record that the keys cannot open is not sealed again and uses no sequence number")
{
    renewing_end one{cipher::aes_128_gcm};
    const auto mine = one.sealed();
    auto foreign = mine;
    foreign.back() = std::byte{0};
    for (const auto& other : {foreign, octets(mine.begin(), mine.begin() + 14), octets{}}) {
        auto record = other;
        one.protection->renew(record);
        CHECK(record == other);
    }
    CHECK(one.view(one.sealed()).sequence == 1);
}

TEST_CASE("RFC 6347 4.1: without a free number or with a failing cipher a record is retransmitted unchanged")
{
    SECTION("all sequence numbers are used")
    {
        renewing_end one{cipher::aes_128_gcm, 0, first_number + (std::uint64_t{1} << 48) - 18};
        auto record = one.sealed();
        for (int i = 0; i < 20; ++i) one.protection->renew(record);
        CHECK(one.view(record).sequence == (std::uint64_t{1} << 48) - 2);
        CHECK(one.protection->aead_limit_reached());
    }
    SECTION("the cipher fails")
    {
        renewing_end one{cipher::aes_128_gcm};
        const auto first = one.sealed();
        auto record = first;
        one.calls.nothing_can_be_sealed = true;
        one.protection->renew(record);
        CHECK(record == first);
        one.calls.nothing_can_be_sealed = false;
        one.protection->renew(record);
        CHECK(one.view(record).sequence == 2);  // number 1 may have been used in a nonce
    }
}
