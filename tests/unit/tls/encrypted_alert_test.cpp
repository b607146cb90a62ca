// After a fatal alert under the new keys, by the peer or by this side, nothing is retransmitted (RFC 5246
// 7.2.2).
#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;
using wire::content_type;

namespace {

/// A server whose client has sent its last flight, followed by an alert.
struct alerted_server {
    explicit alerted_server(const std::string& cipher, gnutls_alert_level_t level = GNUTLS_AL_FATAL)
        : client{only_cipher(cipher).priority}, peer{client, server_context_with(only_cipher(cipher))}
    {
        peer.let_client_go_on();
        (void)peer.feed(peer.sent_by_client().front());
        peer.let_client_go_on();
        flight = peer.sent_by_client();
        REQUIRE(flight.size() == 3);
        tls::check(gnutls_alert_send(client.session.get(), level, GNUTLS_A_USER_CANCELED),
                   "gnutls_alert_send");
        alert = peer.sent_by_client().back();
        REQUIRE(records_of(alert).front().epoch == 1);
    }
    void check_over()
    {
        CHECK(peer.server->status() == handshake_status::failed);
        CHECK(peer.server->error() == errc::peer_alert);
        CHECK(peer.server->next_wake() == no_deadline);
        const auto sent = peer.sent_by_server.size();
        peer.now += 60s;
        peer.on_timer();
        for (const auto& record : flight) (void)peer.feed(record);
        CHECK(peer.sent_by_server.size() == sent);
    }

    plain_client client;
    tls_peer peer;
    std::vector<octets> flight;
    octets alert;
};

}  // namespace

TEST_CASE(
    "RFC 5246 7.2.2: after the peer's encrypted fatal alert in mid-handshake no flight is retransmitted")
{
    alerted_server server{GENERATE("AES-128-GCM", "CHACHA20-POLY1305", "AES-128-CBC", "AES-128-CBC:%NO_ETM")};
    SECTION("the alert replaces a lost Finished")
    {
        (void)server.peer.feed(server.flight[0]);
        (void)server.peer.feed(server.flight[1]);
        CHECK(server.peer.server->next_wake() != no_deadline);
        CHECK(server.peer.feed(server.alert).consumed);
        server.check_over();
    }
    SECTION("the alert arrives before its keys")
    {
        CHECK(server.peer.feed(server.alert).consumed);
        CHECK(server.peer.server->status() == handshake_status::in_progress);
        (void)server.peer.feed(server.flight[1]);
        CHECK(server.peer.server->status() == handshake_status::in_progress);
        (void)server.peer.feed(server.flight[0]);
        server.check_over();
    }
}

TEST_CASE("A forged alert or an authentic warning in mid-handshake does not end the handshake")
{
    const std::string cipher = GENERATE("AES-128-GCM", "AES-128-CBC");
    const bool forged = GENERATE(true, false);
    CAPTURE(cipher, forged);
    alerted_server server{cipher, forged ? GNUTLS_AL_FATAL : GNUTLS_AL_WARNING};
    if (forged) server.alert.back() ^= std::byte{1};
    (void)server.peer.feed(server.flight[0]);
    (void)server.peer.feed(server.flight[1]);
    (void)server.peer.feed(server.alert);
    CHECK(server.peer.server->status() == handshake_status::in_progress);
    (void)server.peer.feed(server.flight[2]);
    CHECK(server.peer.server->status() == handshake_status::done);
}

TEST_CASE("RFC 5246 7.2.2: a client retransmits nothing after the server's encrypted fatal alert")
{
    const auto context = any_server_context();
    plain_session server{GNUTLS_SERVER, static_cast<const tls::gnutls_context&>(*context)};
    queue_outbox out;
    time_point now{1h};
    const auto client = tls::make_client_handshake(any_client_context(), {}, {}, now, out);
    std::size_t taken = 0;
    const auto to_client = [&](bool with_finished) {
        for (; taken < server.sent.size(); ++taken) {
            const auto bytes = std::as_bytes(std::span{server.sent[taken]});
            const octets datagram{bytes.begin(), bytes.end()};
            for (const auto& record : records_of(datagram))
                if (with_finished || record.epoch == 0 || record.is(content_type::alert))
                    (void)client->feed(record, now, out);
        }
    };
    for (int i = 0; i < 4; ++i) {
        for (const auto& datagram : std::exchange(out.datagrams, {}))
            for (const auto& record : records_of(datagram)) {
                const auto* const bytes = reinterpret_cast<const unsigned char*>(record.whole.data());
                server.incoming.emplace_back(bytes, bytes + record.whole.size());
            }
        do server.step();
        while (!server.incoming.empty() && !server.done());
        to_client(false);  // the Finished is lost
    }
    REQUIRE(server.done());
    CHECK(client->status() == handshake_status::in_progress);
    CHECK(client->next_wake() != no_deadline);
    tls::check(gnutls_alert_send(server.get(), GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR),
               "gnutls_alert_send");
    to_client(false);
    CHECK(client->status() == handshake_status::failed);
    CHECK(client->error() == errc::peer_alert);
    CHECK(client->next_wake() == no_deadline);
    out.datagrams.clear();
    client->on_timer(now + 60s, out);
    CHECK(out.datagrams.empty());
}

TEST_CASE("RFC 5246 7.2.2: a server retransmits nothing after its own encrypted fatal alert")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    tls_peer full{first, context};
    full.settle();
    tls::datum session;
    tls::check(gnutls_session_get_data2(first.session.get(), session.out()), "gnutls_session_get_data2");
    tls::check(gnutls_session_set_data(second.session.get(), session.get().data, session.get().size),
               "gnutls_session_set_data");
    tls_peer resumed{second, context};
    resumed.let_client_go_on();
    const auto hello = resumed.sent_by_client().front();
    (void)resumed.feed(hello);
    resumed.let_client_go_on();
    const auto last = resumed.sent_by_client();
    REQUIRE(last.size() == 2);  // ChangeCipherSpec, Finished
    octets wrong(24);           // message_seq 1, and a wrong verify_data
    wrong[0] = std::byte{20};
    wrong[3] = wrong[11] = std::byte{12};
    wrong[5] = std::byte{1};
    (void)resumed.feed(last[0]);
    (void)resumed.feed(resumed.sealed_by_client(content_type::handshake, wrong));
    CHECK(resumed.server->status() == handshake_status::failed);
    const auto alert = records_of(resumed.sent_by_server.back()).back();
    CHECK(alert.is(content_type::alert));
    CHECK(alert.epoch == 1);
    CHECK(resumed.server->next_wake() == no_deadline);
    const auto sent = resumed.sent_by_server.size();
    resumed.now += 60s;
    resumed.on_timer();
    for (const auto& record : {hello, last[0], last[1]}) (void)resumed.feed(record);
    CHECK(resumed.sent_by_server.size() == sent);
}
