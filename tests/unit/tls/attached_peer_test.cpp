#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <array>

// Actions of a GnuTLS client with its own keys against an established session, and of an attacker without
// keys.

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;
using wire::content_type;

namespace {

struct open_peer {
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    std::vector<octets> handshake_records;

    open_peer()
    {
        peer.let_client_go_on();
        (void)peer.feed(peer.sent_by_client().front());
        peer.let_client_go_on();
        handshake_records = peer.sent_by_client();
        for (const auto& record : handshake_records) (void)peer.feed(record);
        REQUIRE(peer.server->status() == tls::handshake_status::done);
        peer.establish();
    }
    void works() { CHECK(peer.echo("hello") == "hello"); }
};

octets protected_record(content_type type, std::uint16_t epoch, std::size_t size)
{
    auto record = plaintext_record(type, octets(size), 700);
    wire::write_integer(std::span{record}.subspan(3, 2), epoch);
    return record;
}

}  // namespace

TEST_CASE("attached: an authentic fatal alert ends the session, and later records are dropped")
{
    open_peer open;
    REQUIRE(gnutls_alert_send(open.client.session.get(), GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR) == 0);
    CHECK(open.peer.open(open.peer.sent_by_client().front()).kind == opened_kind::fatal_alert);
    const auto late = protected_record(content_type::application_data, 1, 40);
    CHECK(open.peer.open(late).reason == drop_reason::session_closing);
    CHECK(open.peer.protection->seal(wire::as_bytes("x"), {}, *std::make_unique<queue_outbox>()) ==
          record::sealed::exhausted);
}

TEST_CASE("attached: after close_notify a forged record is dropped")
{
    open_peer open;
    REQUIRE(gnutls_bye(open.client.session.get(), GNUTLS_SHUT_WR) == 0);
    CHECK(open.peer.open(open.peer.sent_by_client().front()).kind == opened_kind::close_notify);
    const auto late = protected_record(content_type::application_data, 1, 40);
    CHECK(open.peer.open(late).reason == drop_reason::session_closing);
}

TEST_CASE("attached: the server's close_notify ends the session for a GnuTLS client")
{
    open_peer open;
    queue_outbox out;
    open.peer.protection->send_alert(record::alert::close_notify, {}, out);
    REQUIRE(out.datagrams.size() == 1);
    const auto* bytes = reinterpret_cast<const unsigned char*>(out.datagrams[0].data());
    open.client.session.incoming.emplace_back(bytes, bytes + out.datagrams[0].size());
    std::array<char, 100> buffer{};
    CHECK(gnutls_record_recv(open.client.session.get(), buffer.data(), buffer.size()) == 0);
}

TEST_CASE("attached: a client's renegotiation is refused with no_renegotiation, and the session stays open")
{
    open_peer open;
    auto& session = open.client.session;
    session.incoming.clear();
    REQUIRE(gnutls_handshake(session.get()) == GNUTLS_E_AGAIN);
    const auto hello = open.peer.sent_by_client();
    REQUIRE(hello.size() == 1);
    CHECK(open.peer.open(hello.front()).kind == opened_kind::renegotiation);
    REQUIRE(session.incoming.size() == 1);
    CHECK(session.incoming.front()[0] == 21);
    CHECK(gnutls_handshake(session.get()) == GNUTLS_E_WARNING_ALERT_RECEIVED);
    CHECK(gnutls_alert_get(session.get()) == GNUTLS_A_NO_RENEGOTIATION);
    for (int messages = 0; messages < 3; ++messages) {
        const auto data = open.peer.sealed_by_client(content_type::application_data, wire::as_bytes("hello"));
        const auto opened = open.peer.open(data);
        REQUIRE(opened.kind == opened_kind::message);
        CHECK(open.peer.text(opened) == "hello");
    }
}

TEST_CASE("attached: an empty message of the peer is delivered")
{
    open_peer open;
    const auto opened = open.peer.open(open.peer.sealed_by_client(content_type::application_data, {}));
    CHECK(opened.kind == opened_kind::message);
    CHECK(opened.size == 0);
    open.works();
}

TEST_CASE("attached: each record that cannot come from the peer is dropped by reason (RFC 6347 4.1.2.7)")
{
    open_peer open;
    const auto reason_of = [&](content_type type, std::uint16_t epoch, std::size_t size) {
        const auto opened = open.peer.open(protected_record(type, epoch, size));
        CHECK(opened.kind == opened_kind::discarded);
        return opened.reason;
    };
    for (const auto type : {content_type::alert, content_type::handshake, content_type::application_data,
                            content_type::heartbeat}) {
        CHECK(reason_of(type, 0, 40) == drop_reason::plaintext_on_session);
        CHECK(reason_of(type, 2, 40) == drop_reason::bad_epoch);
        CHECK(reason_of(type, 0xffff, 40) == drop_reason::bad_epoch);
        CHECK(reason_of(type, 1, 0) == drop_reason::short_record);
        CHECK(reason_of(type, 1, open.peer.protection->min_payload() - 1) == drop_reason::short_record);
        CHECK(reason_of(type, 1, open.peer.protection->min_payload()) == drop_reason::bad_record_mac);
        CHECK(reason_of(type, 1, 18'000) == drop_reason::oversized_plaintext);
    }
    CHECK(reason_of(content_type::change_cipher_spec, 1, 40) == drop_reason::unexpected_record);
    CHECK(reason_of(content_type::tls12_cid, 1, 40) == drop_reason::unexpected_record);
    CHECK(open.client.session.incoming.empty());
    open.works();
}

TEST_CASE("attached: the Finished of the handshake is dropped as a replay")
{
    open_peer open;
    CHECK(open.peer.open(open.handshake_records.back()).reason == drop_reason::replayed_record);
    open.works();
}

TEST_CASE("attached: an authentic alert or handshake record without content does not end the session")
{
    open_peer open;
    for (const auto type : {content_type::alert, content_type::handshake, content_type::heartbeat})
        (void)open.peer.open(open.peer.sealed_by_client(type, {}));
    const std::array odd{std::byte{9}};
    for (const auto type : {content_type::alert, content_type::handshake, content_type::heartbeat})
        (void)open.peer.open(open.peer.sealed_by_client(type, odd));
    CHECK(open.client.session.incoming.empty());
    open.works();
}

TEST_CASE("attached: a client refuses a server's HelloRequest, and the session stays open")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_session server{GNUTLS_SERVER, *context};
    queue_outbox out;
    const time_point now{};
    const auto client = tls::make_client_handshake(any_client_context(), {}, {}, now, out);
    std::size_t taken = 0;
    const auto to_server = [&] {
        for (const auto& datagram : out.datagrams)
            for (const auto& record : records_of(datagram)) {
                const auto* bytes = reinterpret_cast<const unsigned char*>(record.whole.data());
                server.incoming.emplace_back(bytes, bytes + record.whole.size());
            }
        out.datagrams.clear();
    };
    const auto from_server = [&](auto take) {
        for (; taken < server.sent.size(); ++taken)
            take(*wire::first_record(std::as_bytes(std::span{server.sent[taken]})));
    };
    for (int i = 0; i < 3; ++i) {
        to_server();
        server.step();
        from_server([&](const wire::record_view& record) { (void)client->feed(record, now, out); });
    }
    REQUIRE(client->status() == tls::handshake_status::done);
    auto protection = client->take_protection();

    (void)gnutls_rehandshake(server.get());
    std::vector<std::byte> plaintext(2'000);
    REQUIRE(taken < server.sent.size());
    from_server([&](const wire::record_view& record) {
        CHECK(protection->open(record, plaintext, {}, out).kind == opened_kind::renegotiation);
    });
    REQUIRE(out.datagrams.size() == 1);
    to_server();
    CHECK(gnutls_record_recv(server.get(), plaintext.data(), plaintext.size()) ==
          GNUTLS_E_WARNING_ALERT_RECEIVED);
    CHECK(gnutls_alert_get(server.get()) == GNUTLS_A_NO_RENEGOTIATION);
    REQUIRE(gnutls_record_send(server.get(), "hello", 5) == 5);
    from_server([&](const wire::record_view& record) {
        CHECK(protection->open(record, plaintext, {}, out).kind == opened_kind::message);
    });
}
