// The choice of a server that has both a certificate and PSKs, and the clients that it can serve with
// neither.

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/hello_answer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>

using namespace quivive;
using namespace quivive::test;
using namespace std::literals;

namespace {

constexpr int handshake_failure = 40;

// RFC 5289, RFC 5487, RFC 7905.
constexpr std::uint16_t ecdsa_gcm = 0xc02b, rsa_gcm = 0xc02f, psk_gcm = 0x00a8, ecdhe_psk = 0xccac;

octets listed(std::initializer_list<std::uint16_t> suites)
{
    octets bytes;
    for (const auto suite : suites) bytes = bytes + make_octets({suite >> 8, suite & 0xff});
    return bytes;
}

octets p256_only() { return make_octets({0, 23}); }
octets x25519_only() { return make_octets({0, 29}); }
octets p384_only() { return make_octets({0, 24}); }

server_credentials with_both(credential_preference prefer = credential_preference::client,
                             key_type key = key_type::p256)
{
    auto credentials = with_certificate(key);
    credentials.psk = with_psk("alice", "00ff").psk;
    credentials.prefer = prefer;
    return credentials;
}

std::uint16_t chosen(const server_credentials& credentials, std::initializer_list<std::uint16_t> suites,
                     const tls::context_options& options = {})
{
    const auto server = tls::make_server_context(credentials, options);
    return answer_to(server, hello_with(listed(suites))).suite.value_or(0);
}

}  // namespace

TEST_CASE("prefer client: the client's first suite decides between certificate and PSK")
{
    const auto both = with_both();
    CHECK(chosen(both, {ecdsa_gcm, ecdhe_psk, psk_gcm}) == ecdsa_gcm);
    CHECK(chosen(both, {ecdhe_psk, ecdsa_gcm, psk_gcm}) == ecdhe_psk);
    CHECK(chosen(both, {psk_gcm, ecdsa_gcm}) == psk_gcm);
    // Within the chosen credential, suites with forward secrecy come first.
    CHECK(chosen(both, {psk_gcm, ecdsa_gcm, ecdhe_psk}) == ecdhe_psk);
}

TEST_CASE("prefer client: a suite that the server cannot serve does not affect the choice")
{
    // The key is a P-256 key.
    CHECK(chosen(with_both(), {rsa_gcm, psk_gcm, ecdsa_gcm}) == psk_gcm);
    CHECK(chosen(with_both(), {0x1301, 0x00ff, 0x009c, ecdsa_gcm, psk_gcm}) == ecdsa_gcm);
    CHECK(chosen(with_both(credential_preference::client, key_type::rsa), {ecdsa_gcm, psk_gcm, rsa_gcm}) ==
          psk_gcm);
}

TEST_CASE(
    "prefer certificate and prefer psk: the other credential serves only clients without a suite for it")
{
    const auto certificate = with_both(credential_preference::certificate);
    const auto psk = with_both(credential_preference::psk);
    for (const auto& suites : {std::initializer_list<std::uint16_t>{ecdsa_gcm, ecdhe_psk, psk_gcm},
                               std::initializer_list<std::uint16_t>{psk_gcm, ecdhe_psk, ecdsa_gcm}}) {
        CHECK(chosen(certificate, suites) == ecdsa_gcm);
        CHECK(chosen(psk, suites) == ecdhe_psk);
    }
    CHECK(chosen(psk, {ecdsa_gcm, psk_gcm}) == psk_gcm);
    CHECK(chosen(certificate, {rsa_gcm, psk_gcm}) == psk_gcm);
    CHECK(chosen(psk, {ecdsa_gcm}) == ecdsa_gcm);
}

TEST_CASE("prefer: a priority string overrides it with its own order")
{
    const auto by = [](const std::string& exchanges) {
        return tls::context_options{.dtls_1_0 = false,
                                    .priority =
                                        "NONE:+VERS-DTLS1.2:+CTYPE-X509:+AEAD:+AES-128-GCM:"
                                        "+GROUP-SECP256R1:+SIGN-ECDSA-SHA256:%SERVER_PRECEDENCE" +
                                        exchanges,
                                    .alpn = {}};
    };
    for (const auto prefer :
         {credential_preference::client, credential_preference::certificate, credential_preference::psk}) {
        CHECK(chosen(with_both(prefer), {ecdsa_gcm, psk_gcm}, by(":+PSK:+ECDHE-ECDSA")) == psk_gcm);
        CHECK(chosen(with_both(prefer), {psk_gcm, ecdsa_gcm}, by(":+ECDHE-ECDSA:+PSK")) == ecdsa_gcm);
    }
}

TEST_CASE("prefer: it has no effect on a server with a single kind of credential")
{
    for (const auto prefer :
         {credential_preference::client, credential_preference::certificate, credential_preference::psk}) {
        auto certificate = with_certificate();
        auto psk = with_psk("alice", "00ff");
        certificate.prefer = psk.prefer = prefer;
        CHECK(chosen(certificate, {psk_gcm, ecdsa_gcm}) == ecdsa_gcm);
        CHECK(chosen(psk, {ecdsa_gcm, psk_gcm}) == psk_gcm);
    }
}

TEST_CASE("A server with a certificate and PSKs serves both kinds of clients")
{
    const auto server = tls::make_server_context(with_both(), {});
    const auto key_exchange = [&](plain_client& client) {
        tls_peer peer{client, server};
        peer.settle();
        CHECK(peer.server->status() == tls::handshake_status::done);
        CHECK(client.session.done());
        return gnutls_kx_get(client.session.get());
    };
    plain_client by_certificate{dtls_1_2}, by_psk{psk_suites};
    CHECK(key_exchange(by_certificate) == GNUTLS_KX_ECDHE_ECDSA);
    CHECK(key_exchange(by_psk.psk("alice", "\x00\xff"sv)) == GNUTLS_KX_PSK);

    // Like Debian's wolfSSL: offers suites of both kinds, those of certificates first; its PSK is unknown to
    // the server.
    plain_client pretending{std::string{dtls_1_2} + ":+ECDHE-PSK:+PSK"};
    CHECK(key_exchange(pretending.psk("nobody", "\x01"sv)) == GNUTLS_KX_ECDHE_ECDSA);
    plain_client wishing{"NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-PSK:+ECDHE-ECDSA"};
    CHECK(key_exchange(wishing.psk("alice", "\x00\xff"sv)) == GNUTLS_KX_ECDHE_PSK);
}

TEST_CASE("A ticket of a PSK session is accepted even if the client then prefers the certificate")
{
    const temp_directory directory;
    auto credentials = with_both();
    credentials.psk = nullptr;  // with a look-up the server would issue no ticket
    credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
    const auto server = tls::make_server_context(credentials, {});
    plain_client first{"NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-PSK:+ECDHE-ECDSA"},
        second{"NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-PSK"};
    tls_peer met{first.psk("alice", "\x00\xff"sv), server};
    met.settle();
    REQUIRE(first.session.done());
    offer_session_of(first.session, second.session);
    tls_peer again{second.psk("alice", "\x00\xff"sv), server};
    again.settle();
    REQUIRE(again.server->status() == tls::handshake_status::done);
    CHECK(again.server->facts().resumed);
}

TEST_CASE("RFC 8422 5.1: a certificate whose curve the client does not name is not used")
{
    const auto p256 = tls::make_server_context(with_certificate(), {});
    const auto refused = answer_to(p256, hello_with(listed({ecdsa_gcm}), x25519_only()));
    CHECK_FALSE(refused.suite);
    CHECK(refused.alert == handshake_failure);
    CHECK(refused.error);
    CHECK(answer_to(p256, hello_with(listed({ecdsa_gcm}), p256_only())).suite == ecdsa_gcm);

    const auto p384 = tls::make_server_context(with_certificate(key_type::p384), {});
    CHECK(answer_to(p384, hello_with(listed({ecdsa_gcm}))).alert == handshake_failure);
}

TEST_CASE("RFC 8422 4: a client that names no groups supports all groups")
{
    const auto p256 = tls::make_server_context(with_certificate(), {});
    CHECK(answer_to(p256, hello_with(listed({ecdsa_gcm}), {})).suite == ecdsa_gcm);
}

TEST_CASE("RFC 8422 5.1: a key without a curve of the list needs no group")
{
    const auto ed25519 = tls::make_server_context(with_certificate(key_type::ed25519), {});
    CHECK(answer_to(ed25519, hello_with(listed({ecdsa_gcm}), x25519_only())).suite == ecdsa_gcm);
    const auto rsa = tls::make_server_context(with_certificate(key_type::rsa), {});
    CHECK(answer_to(rsa, hello_with(listed({rsa_gcm}), x25519_only())).suite == rsa_gcm);
}

TEST_CASE("RFC 8422 5.1: a PSK serves a client that cannot use the certificate's curve, with any preference")
{
    for (const auto prefer :
         {credential_preference::client, credential_preference::certificate, credential_preference::psk}) {
        const auto server = tls::make_server_context(with_both(prefer), {});
        CHECK(answer_to(server, hello_with(listed({ecdsa_gcm, psk_gcm}), p384_only())).suite == psk_gcm);
        CHECK(answer_to(server, hello_with(listed({ecdsa_gcm}), p384_only())).alert == handshake_failure);
    }
}

TEST_CASE("RFC 8422 5.1: the curve is also checked with a priority string and for a hello in fragments")
{
    const auto server =
        tls::make_server_context(with_certificate(), {.dtls_1_0 = false, .priority = dtls_1_2, .alpn = {}});
    auto hello = hello_with(listed({ecdsa_gcm}), x25519_only());
    CHECK(answer_to(server, hello).alert == handshake_failure);

    queue_outbox out;
    const auto handshake = tls::make_server_handshake(server, {}, {}, {});
    const time_point now{std::chrono::hours{1}};
    constexpr std::size_t part = 40;
    for (std::size_t at = 0; at < hello.body().size(); at += part) {
        CHECK(out.datagrams.empty());
        const auto fragment = hello.fragment(at, part);
        (void)handshake->feed(records_of(fragment).front(), now, out);
    }
    REQUIRE(handshake->status() == tls::handshake_status::failed);
    REQUIRE(out.datagrams.size() == 1);
    CHECK(records_of(out.datagrams.front()).front().is(wire::content_type::alert));
}

TEST_CASE("min_response_size: it is zero for a client that cannot use the certificate's curve")
{
    const auto server = tls::make_server_context(with_certificate(), {});
    const auto least = [&](const octets& groups) {
        const auto record = hello_with(listed({ecdsa_gcm}), groups).record();
        return server->min_response_size(
            std::get<wire::client_hello_view>(wire::read_client_hello(records_of(record).front())));
    };
    CHECK(least(p256_only()) > 0);
    CHECK(least(x25519_only()) == 0);
}
