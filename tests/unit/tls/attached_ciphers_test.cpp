#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;

namespace {

/// Both ends of a handshake with one cipher.
struct cipher_pair {
    explicit cipher_pair(const std::string& cipher)
        : pair{{}, {}, server_context_with(only_cipher(cipher)), client_context_with(only_cipher(cipher))}
    {
    }

    tls_pair pair;
    std::vector<std::byte> plaintext = std::vector<std::byte>(20'000);
};

}  // namespace

TEST_CASE("attached: with each cipher the largest message fits one datagram of the MTU")
{
    const std::string cipher = GENERATE("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM",
                                        "AES-128-CCM-8", "AES-128-CBC");
    CAPTURE(cipher);
    cipher_pair ends{cipher};
    auto& pair = ends.pair;
    pair.settle();
    REQUIRE(pair.both_done());
    CHECK(pair.server->facts().cipher_suite.find(cipher) != std::string::npos);
    const auto client = pair.client->take_protection(), server = pair.server->take_protection();
    queue_outbox out;
    for (const std::size_t size : {std::size_t{1}, client->max_message_size()}) {
        const std::string message(size, 'x');
        out.datagrams.clear();
        REQUIRE(client->seal(wire::as_bytes(message), pair.path, out) == record::sealed::sent);
        REQUIRE(out.datagrams.size() == 1);
        CHECK(out.datagrams.front().size() <= 1'400);
        const auto record = records_of(out.datagrams.front()).front();
        CHECK(record.payload.size() > client->min_payload());
        const auto opened = server->open(record, ends.plaintext, pair.path, out);
        REQUIRE(opened.kind == opened_kind::message);
        CHECK(wire::as_text(wire::bytes{ends.plaintext}.first(opened.size)) == message);
    }
    const std::string larger(client->max_message_size() + 1, 'x');
    CHECK(client->seal(wire::as_bytes(larger), pair.path, out) == record::sealed::too_large);
}

TEST_CASE("attached: with each AEAD cipher a client's retransmitted Finished verifies and is not a replay")
{
    const std::string cipher =
        GENERATE("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM", "AES-128-CCM-8");
    CAPTURE(cipher);
    cipher_pair ends{cipher};
    auto& pair = ends.pair;
    pair.deliver_to_server();
    pair.deliver_to_client();
    pair.deliver_to_server();
    REQUIRE(pair.server->status() == tls::handshake_status::done);
    pair.to_client.datagrams.clear();  // the server's last flight is lost
    auto last_flight = pair.server->take_last_flight();
    const auto server = pair.server->take_protection();
    for (int i = 0; i < 5; ++i) {
        pair.now = pair.client->next_wake();
        pair.client->on_timer(pair.now, pair.to_server);
        REQUIRE_FALSE(pair.to_server.datagrams.empty());
        const auto again = std::move(pair.to_server.datagrams.back());
        pair.to_server.datagrams.clear();
        const auto opened = server->open(records_of(again).back(), ends.plaintext, pair.path, pair.to_client);
        CHECK(opened.kind == opened_kind::repeated_finished);
    }
    last_flight.send(pair.path, pair.to_client);
    pair.deliver_to_client();
    CHECK(pair.client->status() == tls::handshake_status::done);
}

TEST_CASE("handshake: a DTLS 1.0 client is served if DTLS 1.0 is allowed")
{
    plain_client client{"NORMAL:-VERS-ALL:+VERS-DTLS1.0"};
    tls::context_options options;
    options.dtls_1_0 = true;
    tls_peer peer{client, tls::make_server_context(with_certificate(), options)};
    peer.settle();
    REQUIRE(peer.server->status() == tls::handshake_status::done);
    CHECK(peer.server->facts().protocol == "DTLS1.0");
    peer.establish();
    CHECK(peer.echo("hello") == "hello");
}
