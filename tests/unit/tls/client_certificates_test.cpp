#include "tls/server_context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/temp_directory.hpp"
#include "tls/certificate_fault.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>

using namespace quivive;
using namespace quivive::tls;
using namespace quivive::test;
using namespace std::literals;

namespace {

/// A server that trusts `ca`, and certificates for clients.
struct mutual {
    mutual(client_certificates what) : credentials{with_certificate()}
    {
        credentials.client_auth = what;
        credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    }

    int server_code_with(const issued& shown) const
    {
        // Forced, since GnuTLS's client does not show a certificate whose issuer the server does not name.
        plain_client client{dtls_1_2, shown.certificate, shown.key};
        return code_of(client);
    }
    int server_code_without() const
    {
        plain_client client{dtls_1_2};
        return code_of(client);
    }
    int code_of(plain_client& client) const { return meeting{credentials, client.session}.server.code(); }

    temp_directory directory;
    issued ca = make_ca();
    server_credentials credentials;
};

certificate_spec for_purpose(const char* purpose)
{
    certificate_spec spec;
    spec.purpose = purpose;
    return spec;
}

certificate_spec expired()
{
    certificate_spec spec;
    spec.days_from = -9;
    spec.days_to = -2;
    return spec;
}

}  // namespace

TEST_CASE("Client certificates required: a valid one is accepted, and a missing or invalid one is refused")
{
    const mutual server{client_certificates::require};
    CHECK(server.server_code_with(make_certificate(server.ca)) == GNUTLS_E_SUCCESS);
    CHECK(server.server_code_with(make_certificate(server.ca, for_purpose(GNUTLS_KP_TLS_WWW_CLIENT))) ==
          GNUTLS_E_SUCCESS);

    CHECK(server.server_code_without() == GNUTLS_E_NO_CERTIFICATE_FOUND);
    CHECK(server.server_code_with(make_certificate()) ==
          as_gnutls_code(certificate_fault::unknown_authority));
    CHECK(server.server_code_with(make_certificate(server.ca, expired())) ==
          as_gnutls_code(certificate_fault::expired));
    CHECK(server.server_code_with(make_certificate(server.ca, for_purpose(GNUTLS_KP_TLS_WWW_SERVER))) ==
          as_gnutls_code(certificate_fault::wrong_use));
    CHECK(server.server_code_with(make_certificate(make_ca("another"))) ==
          as_gnutls_code(certificate_fault::unknown_authority));
}

TEST_CASE("Client certificates requested: a missing one is accepted, and an invalid one is refused")
{
    const mutual server{client_certificates::request};
    CHECK(server.server_code_without() == GNUTLS_E_SUCCESS);
    CHECK(server.server_code_with(make_certificate(server.ca)) == GNUTLS_E_SUCCESS);
    CHECK(server.server_code_with(make_certificate(make_ca("another"))) ==
          as_gnutls_code(certificate_fault::unknown_authority));
}

TEST_CASE("A rejected client certificate is answered with an alert")
{
    const mutual server{client_certificates::require};
    const auto shown = make_certificate();
    plain_client client{dtls_1_2, shown.certificate, shown.key};
    const meeting met{server.credentials, client.session};
    CHECK(is_alert(met.server.sent.back()));
    CHECK(client.session.code() == GNUTLS_E_FATAL_ALERT_RECEIVED);
}

TEST_CASE("A client that may use a PSK needs no certificate, and a client without either is refused")
{
    mutual server{client_certificates::require};
    server.credentials.psk = with_psk("alice", "00ff").psk;
    server.credentials.client_auth_with_psk = true;
    plain_client alice{psk_suites};
    CHECK(server.code_of(alice.psk("alice", "\x00\xff"sv)) == GNUTLS_E_SUCCESS);
    CHECK(server.server_code_without() == GNUTLS_E_NO_CERTIFICATE_FOUND);
}
