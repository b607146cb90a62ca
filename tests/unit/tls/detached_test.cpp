#include "record/detached_protection.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <string>

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;
using record::sealed;

namespace {

constexpr auto suites = {"AES-128-GCM",   "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM",
                         "AES-128-CCM-8", "AES-256-CCM", "AES-256-CCM-8"};

tls::handshake_settings detached()
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    return settings;
}

/// A detached server whose client's records are made by GnuTLS.
struct detached_server {
    explicit detached_server(const std::string& cipher)
        : pair{{}, {}, server_context_with(only_cipher(cipher)), client_context_with(only_cipher(cipher))}
    {
        pair.server =
            tls::make_server_handshake(server_context_with(only_cipher(cipher)), detached(), {}, pair.path);
        pair.settle();
        REQUIRE(pair.both_done());
        client = pair.client->take_protection();
        server = pair.server->take_protection();
        is_detached = dynamic_cast<record::detached_protection*>(server.get()) != nullptr;
    }

    /// Sends a message from one end to the other and checks that it arrives whole.
    void pass(record::protection& from, record::protection& to, const std::string& message)
    {
        queue_outbox out;
        REQUIRE(from.seal(wire::as_bytes(message), pair.path, out) == sealed::sent);
        REQUIRE(out.datagrams.size() == 1);
        const auto opened = to.open(records_of(out.datagrams.front()).front(), plaintext, pair.path, out);
        REQUIRE(opened.kind == opened_kind::message);
        CHECK(wire::as_text(wire::bytes{plaintext}.first(opened.size)) == message);
    }

    tls_pair pair;
    std::unique_ptr<record::protection> client, server;
    bool is_detached = false;
    octets plaintext = octets(20'000);
};

}  // namespace

TEST_CASE("detached: records pass to and from GnuTLS's record layer, with each AEAD cipher")
{
    const std::string cipher = GENERATE(values<const char*>(suites));
    CAPTURE(cipher);
    detached_server both{cipher};
    CHECK(both.is_detached);
    CHECK(both.client->max_message_size() == both.server->max_message_size());
    for (int i = 0; i < 100; ++i) {
        both.pass(*both.client, *both.server, "question " + std::to_string(i));
        both.pass(*both.server, *both.client, "answer " + std::to_string(i));
    }
    both.pass(*both.server, *both.client, std::string(both.server->max_message_size(), 'x'));
    both.pass(*both.client, *both.server, std::string(both.client->max_message_size(), 'x'));
}

TEST_CASE("detached: alerts pass in both directions")
{
    detached_server both{"AES-128-GCM"};
    queue_outbox out;
    auto& from = GENERATE(true, false) ? both.client : both.server;
    auto& to = from == both.client ? both.server : both.client;
    from->send_alert(record::alert::close_notify, both.pair.path, out);
    REQUIRE(out.datagrams.size() == 1);
    CHECK(to->open(records_of(out.datagrams.front()).front(), both.plaintext, both.pair.path, out).kind ==
          opened_kind::close_notify);
}

TEST_CASE(
    "detached: a record that does not verify is dropped, leaves no plaintext and does not move the window")
{
    const std::string cipher = GENERATE(values<const char*>(suites));
    CAPTURE(cipher);
    detached_server both{cipher};
    queue_outbox out;
    REQUIRE(both.client->seal(wire::as_bytes("hello"), both.pair.path, out) == sealed::sent);
    const auto good = out.datagrams.front();
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] ^= std::byte{0x40};
        const auto record = wire::first_record(bad);
        if (!record || record->epoch != 1) continue;
        std::ranges::fill(both.plaintext, std::byte{0});
        CHECK(both.server->open(*record, both.plaintext, both.pair.path, out).kind == opened_kind::discarded);
        CHECK(std::ranges::all_of(both.plaintext, [](std::byte b) { return b == std::byte{0}; }));
    }
    CHECK(both.server->open(records_of(good).front(), both.plaintext, both.pair.path, out).kind ==
          opened_kind::message);
    CHECK(both.server->open(records_of(good).front(), both.plaintext, both.pair.path, out).reason ==
          drop_reason::replayed_record);
}

TEST_CASE("detached: GnuTLS handles the records of a CBC suite")
{
    detached_server both{"AES-128-CBC"};
    CHECK(!both.is_detached);
    both.pass(*both.client, *both.server, "question");
    both.pass(*both.server, *both.client, "answer");
}

TEST_CASE("detached: without a cipher records are neither sent nor received")
{
    detached_server both{"AES-128-GCM"};
    record::session_keys keys;
    const auto none = [](record::cipher, wire::bytes) noexcept -> std::unique_ptr<record::aead> {
        return nullptr;
    };
    record::detached_protection poor{keys, 1'400, std::make_shared<record::aead_cache>(none, 1)};
    queue_outbox out;
    CHECK(poor.seal(wire::as_bytes("hello"), both.pair.path, out) == sealed::exhausted);
    REQUIRE(both.client->seal(wire::as_bytes("hello"), both.pair.path, out) == sealed::sent);
    CHECK(poor.open(records_of(out.datagrams.front()).front(), both.plaintext, both.pair.path, out).kind ==
          opened_kind::discarded);
}
