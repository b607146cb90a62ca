// A peer whose Finished does not verify, because of a wrong PSK or an unknown identity. For an unknown
// identity the server continues with a random key, so that both cases look alike.
#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"
#include "unit/tls/server_meeting.hpp"

#include <algorithm>
#include <array>

using namespace quivive;
using namespace quivive::test;
using namespace std::literals;
using tls::handshake_status;
using wire::content_type;

namespace {

std::string psk_with(const std::string& cipher)
{
    return "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:+ECDHE-PSK:-CIPHER-ALL:+" + cipher;
}

/// A server with alice's key, and a client that has sent its whole flight.
struct psk_peer {
    psk_peer(const std::string& cipher, std::string_view identity, std::string_view key)
        : client{psk_with(cipher)},
          peer{client.psk(identity, key),
               tls::make_server_context(with_psk("alice", "00ff"),
                                        {.dtls_1_0 = false, .priority = psk_with(cipher), .alpn = {}})}
    {
        peer.let_client_go_on();
        (void)peer.feed(peer.sent_by_client().front());
        peer.let_client_go_on();
        flight = peer.sent_by_client();
        REQUIRE(flight.size() == 3);  // ClientKeyExchange, ChangeCipherSpec, Finished
    }
    void feed_flight()
    {
        for (const auto& record : flight) (void)peer.feed(record);
    }
    /// Returns the client's Finished with a changed tag.
    [[nodiscard]] octets forged() const
    {
        auto record = flight.back();
        record.back() ^= std::byte{1};
        return record;
    }
    [[nodiscard]] handshake_status status() const { return peer.server->status(); }

    plain_client client;
    tls_peer peer;
    std::vector<octets> flight;
};

constexpr auto right_key = "\x00\xff"sv, wrong_key = "\x01\x02"sv;

const octets decrypt_error{std::byte{2}, std::byte{51}};

bool is_decrypt_error(const octets& datagram)
{
    const auto record = records_of(datagram).front();
    return record.is(content_type::alert) && record.epoch == 0 &&
           std::ranges::equal(record.payload, decrypt_error);
}

/// Returns the number of datagrams that the server has sent at each step until it fails, and then their
/// sizes.
std::vector<std::size_t> course_of(const std::string& cipher, std::string_view identity, std::string_view key)
{
    psk_peer met{cipher, identity, key};
    met.feed_flight();
    CHECK(met.status() == handshake_status::in_progress);
    std::vector<std::size_t> course;
    for (int tenths = 0; met.status() == handshake_status::in_progress && tenths < 50; ++tenths) {
        met.peer.now += 100ms;
        for (const auto& record : met.flight) (void)met.peer.feed(record);
        course.push_back(met.peer.sent_by_server.size());
    }
    for (const auto& datagram : met.peer.sent_by_server) course.push_back(datagram.size());
    return course;
}

}  // namespace

TEST_CASE(
    "RFC 6347 4.1.2.7: a failing Finished is ignored, and a second one 900 ms later ends with decrypt_error")
{
    const std::string cipher =
        GENERATE("AES-128-GCM", "AES-256-GCM", "AES-128-CCM-8", "CHACHA20-POLY1305", "AES-128-CBC",
                 "AES-128-CBC:%NO_ETM", "AES-256-CBC:-MAC-ALL:+SHA384:%NO_ETM");
    const auto identity = GENERATE("alice"sv, "nobody"sv);
    CAPTURE(cipher, identity);
    psk_peer met{cipher, identity, wrong_key};
    met.feed_flight();
    CHECK(met.status() == handshake_status::in_progress);
    const auto sent = met.peer.sent_by_server.size();
    met.peer.now += 900ms - 1ns;
    for (int i = 0; i < 10; ++i)
        CHECK(met.peer.feed(met.flight.back()).reason == drop_reason::bad_record_mac);
    CHECK(met.status() == handshake_status::in_progress);
    CHECK(met.peer.sent_by_server.size() == sent);

    met.peer.now += 1ns;
    CHECK(met.peer.feed(met.flight.back()).reason == drop_reason::bad_record_mac);
    CHECK(met.status() == handshake_status::failed);
    CHECK(met.peer.server->error() == errc::wrong_key);
    CHECK(met.peer.server->next_wake() == no_deadline);
    REQUIRE(met.peer.sent_by_server.size() == sent + 1);
    CHECK(is_decrypt_error(met.peer.sent_by_server.back()));
    // Only this side can tell the two cases apart.
    const auto claims = met.peer.server->facts();
    CHECK(claims.psk_identity == identity);
    CHECK(claims.unknown_identity == (identity == "nobody"));
}

TEST_CASE("RFC 4279 2: the answers to an unknown identity and to a wrong key have the same lengths and times")
{
    const std::string cipher = GENERATE("AES-128-GCM", "AES-128-CBC");
    const auto wrong = course_of(cipher, "alice", wrong_key);
    CHECK(course_of(cipher, "nobod", wrong_key) == wrong);
    CHECK(course_of(cipher, "nobod", right_key) == wrong);
    CHECK(wrong.back() == wire::record_header_size + decrypt_error.size());
}

TEST_CASE("Forged Finisheds before or within the peer's flight do not end an honest handshake")
{
    psk_peer met{GENERATE("AES-128-GCM", "CHACHA20-POLY1305", "AES-128-CBC"), "alice", right_key};
    const auto forge = [&] {
        for (int i = 0; i < 3; ++i) {
            (void)met.peer.feed(met.forged());
            met.peer.now += 1s;
        }
    };
    SECTION("before the whole flight")
    {
        forge();
        met.feed_flight();
    }
    SECTION("before the ChangeCipherSpec")
    {
        (void)met.peer.feed(met.flight[0]);
        forge();
        (void)met.peer.feed(met.flight[1]);
        (void)met.peer.feed(met.flight[2]);
    }
    SECTION("after a forged ChangeCipherSpec")
    {
        (void)met.peer.feed(met.flight[1]);
        forge();
        met.feed_flight();
    }
    SECTION("a hundred between the ChangeCipherSpec and the Finished")
    {
        (void)met.peer.feed(met.flight[0]);
        (void)met.peer.feed(met.flight[1]);
        for (int i = 0; i < 100; ++i)
            CHECK(met.peer.feed(met.forged()).reason == drop_reason::bad_record_mac);
        met.peer.now += 30s;
        (void)met.peer.feed(met.flight[2]);
    }
    SECTION("of another length, between the ChangeCipherSpec and the Finished")
    {
        (void)met.peer.feed(met.flight[0]);
        (void)met.peer.feed(met.flight[1]);
        for (const std::size_t more : {1U, 16U, 100U}) {
            for (int i = 0; i < 5; ++i) {
                auto record = met.forged();
                record.resize(record.size() + more);
                wire::write_integer(std::span{record}.subspan(11, 2),
                                    record.size() - wire::record_header_size);
                (void)met.peer.feed(record);
                met.peer.now += 1s;
            }
        }
        (void)met.peer.feed(met.flight[2]);
    }
    REQUIRE(met.status() == handshake_status::done);
    met.peer.establish();
    CHECK(met.peer.echo("hello") == "hello");
    CHECK(met.peer.open(met.forged()).kind == record::opened_kind::discarded);
    CHECK(met.peer.echo("hello") == "hello");
}

TEST_CASE("After an authentic record of the peer's key forged Finisheds do not end the handshake")
{
    psk_peer met{"AES-128-GCM", "alice", right_key};
    tls::check(gnutls_alert_send(met.client.session.get(), GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED),
               "gnutls_alert_send");  // a warning, as GnuTLS cannot send data yet
    (void)met.peer.feed(met.flight[0]);
    (void)met.peer.feed(met.flight[1]);
    CHECK(met.peer.feed(met.peer.sent_by_client().back()).consumed);
    for (int i = 0; i < 5; ++i) {
        (void)met.peer.feed(met.forged());
        met.peer.now += 1s;
    }
    CHECK(met.status() == handshake_status::in_progress);
    (void)met.peer.feed(met.flight[2]);
    CHECK(met.status() == handshake_status::done);
}

TEST_CASE(
    "A client with a wrong PSK gets an alert at its first retransmission, with and without connection ids")
{
    const bool ids = GENERATE(false, true), detached = ids || GENERATE(false, true);
    CAPTURE(ids, detached);
    tls::context_options options;
    options.connection_ids = ids;
    client_credentials client;
    client.psk_identity = "alice";
    client.psk_key = *secret::from_hex("0102");
    const auto settings_with = [&](std::size_t id_size) {
        tls::handshake_settings settings;
        if (detached) settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        if (ids) settings.connection_id = wire::own_connection_id{octets(id_size, std::byte{0x1d})};
        return settings;
    };
    const auto server_context = tls::make_server_context(with_psk("alice", "00ff"), options);
    tls_pair pair{settings_with(0), {}, server_context, tls::make_client_context(client, options)};
    pair.server = tls::make_server_handshake(server_context, settings_with(8), {}, pair.path);
    pair.servers_id_size = ids ? 8 : 0;
    pair.settle();
    REQUIRE(pair.server->status() == handshake_status::in_progress);
    pair.now = pair.client->next_wake();
    pair.client->on_timer(pair.now, pair.to_server);
    pair.deliver_to_server();
    REQUIRE(pair.server->status() == handshake_status::failed);
    CHECK(pair.server->error() == errc::wrong_key);
    REQUIRE(pair.to_client.datagrams.size() == 1);
    CHECK(is_decrypt_error(pair.to_client.datagrams.front()));
}
