#include "tls/server_context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/text.hpp"
#include "tls/pin.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>

using namespace quivive;
using namespace quivive::tls;
using namespace quivive::test;

TEST_CASE("A server with a certificate completes a handshake, with X25519 and AES-128-GCM first")
{
    plain_client client{dtls_1_2};
    const meeting met{with_certificate(), client.session};
    CHECK(met.server.done());
    CHECK(client.session.done());
    CHECK(met.server.cipher_suite() == "(DTLS1.2)-(ECDHE-X25519)-(ECDSA-SHA256)-(AES-128-GCM)");
    CHECK(pin_of_peer(client.session.get()) == met.shared->pin());
    CHECK(met.shared->warnings().empty());
}

TEST_CASE("RSA and Ed25519 certificates work and cause a warning")
{
    for (const auto type : {key_type::rsa, key_type::ed25519}) {
        plain_client client{dtls_1_2};
        const meeting met{with_certificate(type), client.session};
        CHECK(met.server.done());
        CHECK(client.session.done());
        REQUIRE(met.shared->warnings().size() == 1);
        CHECK(has(met.shared->warnings().front(), type == key_type::rsa ? "an RSA key" : "an Ed25519 key"));
    }
}

TEST_CASE("A temporary certificate is made if there are no credentials and the option is set")
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    plain_client client{dtls_1_2};
    const meeting met{credentials, client.session};
    CHECK(met.server.done());
    CHECK(is_pin(met.shared->pin()));
    CHECK(pin_of_peer(client.session.get()) == met.shared->pin());
}

TEST_CASE("A temporary certificate is not made for a server with PSKs")
{
    auto credentials = with_psk("alice", "00ff");
    credentials.self_signed_if_none = true;
    CHECK(make_server_context(credentials, {})->pin().empty());
    plain_client client{dtls_1_2};
    const meeting met{credentials, client.session};
    CHECK(!met.server.done());
}

TEST_CASE("DTLS 1.0 is refused unless it is enabled")
{
    constexpr auto dtls_1_0 = "NORMAL:-VERS-ALL:+VERS-DTLS1.0:%PROFILE_LOW";
    plain_client refused{dtls_1_0}, taken{dtls_1_0};
    CHECK(!meeting{with_certificate(), refused.session}.server.done());
    const meeting met{with_certificate(), taken.session, {.dtls_1_0 = true, .priority = {}, .alpn = {}}};
    CHECK(met.server.done());
    CHECK(has(met.server.cipher_suite(), "(DTLS1.0)"));
}

TEST_CASE("A client that has only CBC suites is refused")
{
    plain_client client{"NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+AES-128-CBC"};
    const meeting met{with_certificate(), client.session};
    CHECK(met.server.code() == GNUTLS_E_NO_CIPHER_SUITES);
}
