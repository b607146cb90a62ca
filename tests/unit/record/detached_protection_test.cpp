#include "record/detached_protection.hpp"

#include "detached_end.hpp"
#include "known_answers.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "wire/handshake.hpp"

using namespace quivive;
using record::cipher;
using record::opened_kind;
using record::sealed;
using test::aead_calls;
using test::hex;
using test::octets;
using wire::content_type;

namespace {

using end = test::detached_end;
using test::epoch_1;

/// Returns keys with the given usage counts.
record::session_keys used_keys(cipher which, std::uint64_t blocks, std::uint64_t forgeries)
{
    auto keys = end{which}.keys;
    keys.blocks = blocks;
    keys.forgeries = forgeries;
    return keys;
}

/// Checks that the end seals nothing more except the close_notify.
void check_aead_limit(end& one)
{
    CHECK(one.protection.aead_limit_reached());
    const auto before = one.out.datagrams.size();
    CHECK(one.protection.seal(wire::as_bytes("one more"), {}, one.out) == sealed::exhausted);
    CHECK(one.out.datagrams.size() == before);
    one.protection.send_alert(record::alert::close_notify, {}, one.out);
    REQUIRE(one.out.datagrams.size() == before + 1);
    CHECK(one.out.datagrams.back()[0] == std::byte{21});
}

}  // namespace

TEST_CASE(
    "RFC 5288 3, RFC 6655 3, RFC 5246 6.2.3.3: the explicit nonce and the additional data hold the number")
{
    end one{GENERATE(cipher::aes_128_gcm, cipher::aes_256_gcm, cipher::aes_128_ccm, cipher::aes_128_ccm_8,
                     cipher::aes_256_ccm, cipher::aes_256_ccm_8),
            epoch_1 + 0x0102};
    const auto datagram = one.sealed_message("hello");
    const auto tag = record::traits_of(one.keys.cipher).tag_size;
    CHECK(datagram.size() == 13 + 8 + 5 + tag);
    CHECK(octets(datagram.begin(), datagram.begin() + 11) == hex("17fefd0001000000000102"));
    CHECK(octets(datagram.begin() + 13, datagram.begin() + 21) == hex("0001000000000102"));
    REQUIRE(one.calls.seals.size() == 1);
    CHECK(std::ranges::equal(one.calls.seals[0].unique, hex("f0f1f2f30001000000000102")));
    CHECK(one.calls.seals[0].additional == hex("000100000000010217fefd0005"));

    const auto opened = one.open(datagram);
    REQUIRE(opened.kind == opened_kind::message);
    CHECK(opened.size == 5);
    CHECK(std::ranges::equal(one.calls.opens[0].unique, one.calls.seals[0].unique));
    CHECK(one.calls.opens[0].additional == one.calls.seals[0].additional);
}

TEST_CASE(
    "RFC 7905 2: ChaCha20's nonce is the IV XOR the record number, and the record contains no part of it")
{
    end one{cipher::chacha20_poly1305, epoch_1 + 0x0102};
    const auto datagram = one.sealed_message("hello");
    CHECK(datagram.size() == 13 + 5 + 16);
    CHECK(std::ranges::equal(one.calls.seals[0].unique, hex("f0f1f2f3f4f4f6f7f8f9fbf9")));
    CHECK(one.open(datagram).kind == opened_kind::message);
    CHECK(std::ranges::equal(one.calls.opens[0].unique, one.calls.seals[0].unique));
}

TEST_CASE("RFC 6347 4.1.2.6: a replay costs no decryption, and only authentic records move the window")
{
    end one{cipher::aes_128_gcm};
    const auto first = one.from_peer(content_type::application_data, octets(3), 100);
    CHECK(one.open(first).kind == opened_kind::message);
    CHECK(one.open(first).reason == drop_reason::replayed_record);
    CHECK(one.calls.opens.size() == 1);

    auto forged = one.from_peer(content_type::application_data, octets(3), 5'000);
    forged.back() = std::byte{0};
    CHECK(one.open(forged).reason == drop_reason::bad_record_mac);
    CHECK(one.open(one.from_peer(content_type::application_data, octets(3), 99)).kind ==
          opened_kind::message);
    CHECK(one.open(one.from_peer(content_type::application_data, octets(3), 100 - 64)).reason ==
          drop_reason::replayed_record);
}

TEST_CASE("A record that cannot belong to the epoch is dropped with its reason and without decryption")
{
    end one{cipher::aes_128_gcm};
    const auto reason_of = [&](const octets& datagram) { return one.open(datagram).reason; };
    CHECK(reason_of(test::make_record(content_type::application_data, octets(100), 0, 1)) ==
          drop_reason::plaintext_on_session);
    CHECK(reason_of(test::make_record(content_type::application_data, octets(100), 2, 1)) ==
          drop_reason::bad_epoch);
    CHECK(reason_of(test::make_record(content_type::application_data, octets(23), 1, 1)) ==
          drop_reason::short_record);
    CHECK(reason_of(test::make_record(content_type::change_cipher_spec, octets(100), 1, 1)) ==
          drop_reason::unexpected_record);
    CHECK(reason_of(test::make_record(content_type::tls12_cid, octets(100), 1, 1)) ==
          drop_reason::unexpected_record);
    CHECK(one.calls.opens.empty());
}

TEST_CASE("Authentic records are returned by their type")
{
    end one{cipher::aes_128_gcm};
    const auto open = [&](content_type type, const octets& text, std::uint64_t sequence) {
        return one.open(one.from_peer(type, text, sequence));
    };
    CHECK(open(content_type::application_data, {}, 1).kind == opened_kind::message);
    CHECK(open(content_type::alert, test::make_octets({1, 90}), 2).kind == opened_kind::warning);
    CHECK(open(content_type::alert, test::make_octets({1}), 3).reason == drop_reason::unexpected_record);
    CHECK(open(content_type::heartbeat, octets(20), 4).reason == drop_reason::unexpected_record);
    CHECK(open(content_type::handshake, {}, 5).reason == drop_reason::unexpected_record);
    CHECK(open(content_type::handshake, test::make_octets({11}), 6).reason == drop_reason::unexpected_record);
    CHECK(open(content_type::handshake, test::make_octets({20}), 7).kind == opened_kind::repeated_finished);
    CHECK(one.out.datagrams.empty());

    // RFC 9325 3.5: the refusal is a no_renegotiation alert, which is a warning.
    CHECK(open(content_type::handshake, test::make_octets({1}), 8).kind == opened_kind::renegotiation);
    REQUIRE(one.out.datagrams.size() == 1);
    const auto& refusal = one.out.datagrams.back();
    CHECK(refusal[0] == std::byte{21});
    CHECK(refusal[21] == std::byte{1});
    CHECK(refusal[22] == std::byte{100});
}

TEST_CASE("RFC 5246 7.2.1: after a close_notify or a fatal alert no record is read")
{
    end one{cipher::aes_128_gcm};
    const auto closes = GENERATE(true, false);
    const auto text = closes ? test::make_octets({1, 0}) : test::make_octets({2, 20});
    CHECK(one.open(one.from_peer(content_type::alert, text, 1)).kind ==
          (closes ? opened_kind::close_notify : opened_kind::fatal_alert));
    CHECK(one.open(one.from_peer(content_type::application_data, octets(3), 2)).reason ==
          drop_reason::session_closing);
    one.protection.send_alert(record::alert::close_notify, {}, one.out);
    CHECK(one.out.datagrams.size() == 1);
}

TEST_CASE("Messages: an empty one is sent, the largest one fills the MTU, and a larger one is refused")
{
    end one{GENERATE(cipher::aes_128_gcm, cipher::chacha20_poly1305, cipher::aes_128_ccm_8)};
    CHECK(one.open(one.sealed_message("")).kind == opened_kind::message);
    const std::string largest(one.protection.max_message_size(), 'x');
    CHECK(one.sealed_message(largest).size() == 1'400);
    CHECK(one.protection.seal(wire::as_bytes(largest + "x"), {}, one.out) == sealed::too_large);
}

TEST_CASE("RFC 6347 4.1: messages stop before the last sequence numbers, which are kept for the close_notify")
{
    constexpr auto last = (std::uint64_t{1} << 48) - 1;
    end one{cipher::aes_128_gcm, epoch_1 + last - 16};
    (void)one.sealed_message("the last");
    CHECK(one.protection.aead_limit_reached());
    CHECK(one.protection.seal(wire::as_bytes("one more"), {}, one.out) == sealed::exhausted);
    for (int i = 0; i < 20; ++i) one.protection.send_alert(record::alert::close_notify, {}, one.out);
    CHECK(one.out.datagrams.size() == 1 + 15);
}

TEST_CASE("A sequence number is used once, even if the cipher fails")
{
    end one{cipher::aes_128_gcm};
    one.calls.nothing_can_be_sealed = true;
    CHECK(one.protection.seal(wire::as_bytes("lost"), {}, one.out) == sealed::exhausted);
    CHECK(one.out.datagrams.empty());
    one.calls.nothing_can_be_sealed = false;
    (void)one.sealed_message("sent");
    REQUIRE(one.calls.seals.size() == 2);
    CHECK(one.calls.seals[0].unique != one.calls.seals[1].unique);
}

TEST_CASE("RFC 9147 4.5.3: CCM_8 has a forgery limit too, and a thousand forgeries do not exhaust a CCM key")
{
    CHECK(record::traits_of(cipher::aes_128_gcm).max_forgeries == std::uint64_t{1} << 36);
    CHECK(record::traits_of(cipher::aes_128_ccm).max_forgeries < std::uint64_t{1} << 24);
    CHECK(record::traits_of(cipher::aes_128_ccm_8).max_forgeries == std::uint64_t{1} << 32);
    end one{cipher::aes_128_ccm};
    auto forged = one.from_peer(content_type::application_data, octets(3), 1);
    forged.back() = std::byte{0};
    for (int i = 0; i < 1'000; ++i) CHECK(one.open(forged).reason == drop_reason::bad_record_mac);
    CHECK(!one.protection.aead_limit_reached());
    CHECK(one.open(one.from_peer(content_type::application_data, octets(3), 1)).kind == opened_kind::message);
}

TEST_CASE(
    "RFC 8446 5.5: partial blocks and the tag count as a block each, the inner type (RFC 9146 4) as text")
{
    struct example {
        std::size_t text, plain, with_id;
    };
    const auto [text, plain, with_id] =
        GENERATE(example{0, 1, 2}, example{1, 2, 2}, example{15, 2, 2}, example{16, 2, 3}, example{17, 3, 3});
    CAPTURE(text);
    const auto blocks_after = [size = text](std::unique_ptr<record::connection_ids> ids) {
        end one{used_keys(cipher::aes_128_gcm, 0, 0), std::move(ids)};
        (void)one.sealed_message(std::string(size, 'x'));
        return one.protection.keys()->blocks;
    };
    auto ids = std::make_unique<record::connection_ids>();
    ids->peers = wire::peers_connection_id{octets(4)};
    CHECK(blocks_after(nullptr) == plain);
    CHECK(blocks_after(std::make_unique<record::connection_ids>()) == plain);
    CHECK(blocks_after(std::move(ids)) == with_id);
}

TEST_CASE("RFC 8446 5.5, RFC 9147 4.5.3: only a close_notify follows the record that reaches the block limit")
{
    const auto which = GENERATE(from_range(record::all_ciphers));
    CAPTURE(static_cast<int>(which));
    end one{used_keys(which, record::traits_of(which).max_blocks - 2, 0)};
    CHECK(!one.protection.aead_limit_reached());
    (void)one.sealed_message("");
    CHECK(!one.protection.aead_limit_reached());
    (void)one.sealed_message("");
    check_aead_limit(one);
}

TEST_CASE("RFC 9147 4.5.3: after the last allowed forgery only a close_notify is sealed")
{
    const auto which = GENERATE(from_range(record::all_ciphers));
    CAPTURE(static_cast<int>(which));
    end one{used_keys(which, 0, record::traits_of(which).max_forgeries - 1)};
    (void)one.sealed_message("before");
    auto forged = one.from_peer(content_type::application_data, octets(3), 1);
    forged.back() = std::byte{0};
    CHECK(!one.protection.aead_limit_reached());
    CHECK(one.open(forged).reason == drop_reason::bad_record_mac);
    check_aead_limit(one);
}

TEST_CASE("The ciphers of a session are returned when the session ends")
{
    auto& calls = aead_calls::begin();
    {
        end one{cipher::aes_128_gcm};
        CHECK(one.open(one.sealed_message("hello")).kind == opened_kind::message);
        CHECK(calls.alive == 2);
    }
    CHECK(calls.alive == 0);
}
