#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "tls/certificate_fault.hpp"
#include "unit/tls/server_meeting.hpp"

#include <gnutls/dtls.h>

#include <algorithm>

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

constexpr auto key_hex = "30313233343536373839";
constexpr auto key = "0123456789";

}  // namespace

TEST_CASE("handshake: a GnuTLS client connects to a server with a P-256 certificate")
{
    plain_client client{dtls_1_2};
    const char* const name = "localhost";
    REQUIRE(gnutls_server_name_set(client.session.get(), GNUTLS_NAME_DNS, name, 9) == 0);
    tls_peer peer{client, tls::make_server_context(with_certificate(), {})};
    peer.settle();
    REQUIRE(peer.server->status() == handshake_status::done);
    REQUIRE(client.session.done());
    const auto facts = peer.server->facts();
    CHECK(facts.cipher_suite == client.session.cipher_suite());
    CHECK(facts.server_name == name);
    CHECK(facts.peer_pin.empty());
    CHECK(facts.psk_identity.empty());
    CHECK(peer.server->next_wake() == no_deadline);
    peer.establish();
    CHECK(peer.echo("hello") == "hello");
}

TEST_CASE("handshake: PSK and ECDHE-PSK handshakes report the identity")
{
    const auto* suites = GENERATE(psk_suites, ecdhe_psk_suites);
    CAPTURE(suites);
    plain_client client{suites};
    client.psk("thermometer", key);
    tls_peer peer{client, tls::make_server_context(with_psk("thermometer", key_hex), {})};
    peer.settle();
    REQUIRE(peer.server->status() == handshake_status::done);
    CHECK(peer.server->facts().psk_identity == "thermometer");
    peer.establish();
    CHECK(peer.echo("21.5") == "21.5");
}

TEST_CASE("handshake: a client with a wrong PSK never finishes, and no failure is reported")
{
    plain_client client{psk_suites};
    client.psk("thermometer", "another key");
    tls_peer peer{client, tls::make_server_context(with_psk("thermometer", key_hex), {})};
    peer.settle();
    CHECK(peer.server->status() == handshake_status::in_progress);
    CHECK_FALSE(client.session.done());
}

TEST_CASE("handshake: a ticket resumes a session, and the client sends the last flight (RFC 5077)")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    tls_peer full{first, context};
    full.settle();
    REQUIRE(first.session.done());
    CHECK_FALSE(full.server->facts().resumed);

    offer_session_of(first.session, second.session);
    tls_peer resumed{second, context};
    resumed.settle();
    REQUIRE(resumed.server->status() == handshake_status::done);
    CHECK(second.session.resumed());
    CHECK(resumed.server->facts().resumed);
    resumed.establish();
    CHECK(resumed.last_flight.empty());
    CHECK(resumed.echo("again") == "again");
}

TEST_CASE("handshake: the records of a flight in a resumed handshake may arrive in any order")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    tls_peer full{first, context};
    full.settle();
    offer_session_of(first.session, second.session);
    tls_peer resumed{second, context};
    resumed.let_client_go_on();
    for (const auto& record : resumed.sent_by_client()) (void)resumed.feed(record);
    resumed.let_client_go_on();
    auto flight = resumed.sent_by_client();
    REQUIRE(flight.size() == 2);  // ChangeCipherSpec, Finished
    std::ranges::reverse(flight);
    for (const auto& record : flight) CHECK(resumed.feed(record).consumed);
    CHECK(resumed.server->status() == handshake_status::done);
}

TEST_CASE("handshake: a client's certificate is requested, and its pin and subject are reported")
{
    const temp_directory directory;
    const auto ca = make_ca();
    certificate_spec spec;
    spec.name = "thermometer";
    const auto shown = make_certificate(ca, spec);
    auto credentials = with_certificate();
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    const auto context = tls::make_server_context(credentials, {});

    SECTION("with a certificate, and the client's five records in any order")
    {
        std::vector<std::size_t> order{0, 1, 2, 3, 4};
        do {
            CAPTURE(order);
            plain_client client{dtls_1_2, shown.certificate, shown.key};
            tls_peer peer{client, context};
            peer.let_client_go_on();
            (void)peer.feed(peer.sent_by_client().front());
            peer.let_client_go_on();
            const auto flight = peer.sent_by_client();
            REQUIRE(flight.size() == 5);
            for (const auto i : order) (void)peer.feed(flight[i]);
            REQUIRE(peer.server->status() == handshake_status::done);
            CHECK(peer.server->facts().peer_subject == "CN=thermometer");
            CHECK(peer.server->facts().peer_pin.starts_with("sha256:"));
        } while (std::ranges::next_permutation(order).found);
    }
    SECTION("without a certificate: an alert and the reason")
    {
        plain_client client{dtls_1_2};
        tls_peer peer{client, context};
        peer.settle();
        REQUIRE(peer.server->status() == handshake_status::failed);
        CHECK(peer.server->error() == make_error_code(tls::certificate_fault::missing));
        CHECK(peer.server->next_wake() == no_deadline);
        const auto alert = records_of(peer.sent_by_server.back());
        REQUIRE(alert.back().is(wire::content_type::alert));
        CHECK(alert.back().payload[0] == std::byte{2});
    }
}

TEST_CASE("handshake: without a common suite a fatal alert is sent, and the error is that of GnuTLS")
{
    plain_client client{psk_suites};
    client.psk("thermometer", key);
    tls_peer peer{client, tls::make_server_context(with_certificate(), {})};
    peer.settle();
    REQUIRE(peer.server->status() == handshake_status::failed);
    CHECK(peer.server->error().category() == tls_category());
    REQUIRE(peer.sent_by_server.size() == 1);
    const auto alert = records_of(peer.sent_by_server.front()).front();
    CHECK(alert.is(wire::content_type::alert));
    CHECK(alert.sequence == 0);
    const auto after = peer.feed(plaintext_record(wire::content_type::change_cipher_spec, {}));
    CHECK_FALSE(after.consumed);
    CHECK(peer.sent_by_server.size() == 1);
}

TEST_CASE("handshake: a ClientHello may come in fragments of any size (RFC 6347 4.2.3)")
{
    const auto size = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{100});
    CAPTURE(size);
    plain_client client{dtls_1_2};
    tls_peer peer{client, tls::make_server_context(with_certificate(), {})};
    peer.let_client_go_on();
    const auto hello = peer.sent_by_client().front();
    wire::reader in{records_of(hello).front().payload};
    const auto whole = wire::read_handshake(in);
    for (std::size_t offset = 0; offset < whole.length; offset += size) {
        CHECK(peer.sent_by_server.empty());
        auto fragment = whole;
        fragment.fragment_offset = static_cast<std::uint32_t>(offset);
        fragment.body = whole.body.subspan(offset, std::min<std::size_t>(size, whole.length - offset));
        const auto record = handshake_record(fragment);
        REQUIRE(peer.feed(record).consumed);
        if (peer.sent_by_server.empty()) REQUIRE(peer.feed(record).consumed);  // RFC 6347 4.2.3: overlap
    }
    peer.settle();
    CHECK(peer.server->status() == handshake_status::done);
}

TEST_CASE("handshake: the first hello may have message_seq 1, or be a retransmission")
{
    const auto context = any_server_context();
    plain_client client{dtls_1_2};
    SECTION("with a cookie: GnuTLS alone would wait for message 0")
    {
        tls_peer peer{client, context, {}, {5, 1}};
        peer.let_client_go_on();
        (void)peer.sent_by_client();
        const octets body{std::byte{0xfe}, std::byte{0xff}, std::byte{1}, std::byte{0xaa}};
        const auto request = handshake_record({wire::handshake_type::hello_verify_request, 4, 0, 0, body}, 0);
        const auto* bytes = reinterpret_cast<const unsigned char*>(request.data());
        client.session.incoming.emplace_back(bytes, bytes + request.size());
        peer.settle();
        CHECK(peer.server->status() == handshake_status::done);
        CHECK(records_of(peer.sent_by_server.front()).front().sequence == 5);
    }
    SECTION("without a cookie: the second transmission")
    {
        tls_peer peer{client, context, {}, {1, 0}};
        peer.settle();
        CHECK(peer.server->status() == handshake_status::done);
        CHECK(records_of(peer.sent_by_server.front()).front().sequence == 1);
    }
}

TEST_CASE("handshake: a flight with a Finished is retransmitted with new sequence numbers (RFC 6347 4.2.2)")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    tls_peer full{first, context};
    full.settle();
    offer_session_of(first.session, second.session);
    tls_peer resumed{second, context};
    resumed.let_client_go_on();
    (void)resumed.feed(resumed.sent_by_client().front());
    second.session.incoming.clear();  // lost
    for (int i = 0; i < 3; ++i) {
        resumed.now = resumed.server->next_wake();
        resumed.on_timer();
    }
    std::vector<std::uint64_t> numbers;
    for (const auto& datagram : resumed.sent_by_server)
        for (const auto& record : records_of(datagram))
            if (record.epoch == 1) numbers.push_back(record.sequence);
    CHECK(numbers == std::vector<std::uint64_t>{0, 1, 2, 3});
    resumed.settle();
    REQUIRE(resumed.server->status() == handshake_status::done);
    resumed.establish();
    CHECK(resumed.echo("again") == "again");
}
