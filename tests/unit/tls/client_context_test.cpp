#include "tls/client_context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/temp_directory.hpp"
#include "tls/certificate_fault.hpp"
#include "tls/pin.hpp"
#include "tls/server_context.hpp"

#include <array>
#include <string>

using namespace quivive;
using namespace quivive::tls;
using test::plain_session;

namespace {

/// A server with a certificate of a CA, and a quivive client that connects to it.
struct trusting_meeting {
    explicit trusting_meeting(const test::certificate_spec& spec = {})
        : issued{test::make_certificate(ca, spec)}
    {
        serving.certificate = issued.in_memory();
        trusting.ca_file = directory.write("ca.pem", ca.certificate);
        trusting.server_name = "localhost";
    }

    /// Performs a handshake and returns the client's result code.
    int shake() { return shake(trusting); }
    int shake(const client_credentials& credentials, const context_options& options = {})
    {
        server_context = make_server_context(serving, {.dtls_1_0 = false, .priority = {}, .alpn = {"coap"}});
        client_context = make_client_context(credentials, options);
        plain_session server{GNUTLS_SERVER, *server_context}, client{GNUTLS_CLIENT, *client_context};
        shake_hands(client, server);
        server_name = name_of(server.get());
        alpn = client.alpn();
        key_exchange = gnutls_kx_get(client.get());
        client_pin = pin_of_peer(server.get());
        CHECK(server.done() == client.done());
        return client.code();
    }

    static std::string name_of(gnutls_session_t session)
    {
        std::array<char, 256> name{};
        std::size_t size = name.size();
        unsigned type = 0;
        return gnutls_server_name_get(session, name.data(), &size, &type, 0) < 0 ? "" : name.data();
    }

    test::temp_directory directory;
    test::issued ca = test::make_ca();
    test::issued issued;
    server_credentials serving;
    client_credentials trusting;
    std::shared_ptr<const context> server_context, client_context;
    std::string server_name, alpn, client_pin;  // as the peers saw them
    gnutls_kx_algorithm_t key_exchange{};
};

test::certificate_spec named(std::vector<std::string> dns_names)
{
    test::certificate_spec spec;
    spec.dns_names = std::move(dns_names);
    return spec;
}

client_credentials pinning(const std::string& pin)
{
    client_credentials credentials;
    credentials.pin = pin;
    return credentials;
}

}  // namespace

TEST_CASE("A client that trusts the CA accepts the server with the expected name and sends the name by SNI")
{
    trusting_meeting met;
    CHECK(met.shake() == GNUTLS_E_SUCCESS);
    CHECK(met.server_name == "localhost");
}

TEST_CASE("A client refuses a certificate for another name, and does not check names without server_name")
{
    trusting_meeting met{named({"example.org"})};
    CHECK(met.shake() == as_gnutls_code(certificate_fault::wrong_name));
    met.trusting.server_name.clear();
    CHECK(met.shake() == GNUTLS_E_SUCCESS);
    CHECK(met.server_name.empty());
}

TEST_CASE("RFC 6066 3: an IP address is checked against the certificate, and never sent by SNI")
{
    trusting_meeting met;
    met.trusting.server_name = "127.0.0.1";
    CHECK(met.shake() == GNUTLS_E_SUCCESS);
    CHECK(met.server_name.empty());
    met.trusting.server_name = "127.0.0.2";
    CHECK(met.shake() == as_gnutls_code(certificate_fault::wrong_name));
    met.trusting.server_name = "::1";
    CHECK(met.shake() == as_gnutls_code(certificate_fault::wrong_name));
}

TEST_CASE("A client refuses a server of a CA that it does not trust")
{
    trusting_meeting met;
    met.trusting.ca_file = met.directory.write("other.pem", test::make_ca("another").certificate);
    CHECK(met.shake() == as_gnutls_code(certificate_fault::unknown_authority));
}

TEST_CASE("A client refuses a server that shows a client's certificate")
{
    test::certificate_spec spec;
    spec.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
    trusting_meeting met{spec};
    CHECK(met.shake() == as_gnutls_code(certificate_fault::wrong_use));
}

TEST_CASE("A client with a pin accepts a server with the pinned key only, whatever its name and issuer")
{
    trusting_meeting met;
    const auto pin = make_server_context(met.serving, {})->pin();
    CHECK(met.shake(pinning(pin)) == GNUTLS_E_SUCCESS);

    met.serving.certificate = test::make_certificate(met.ca).in_memory();
    CHECK(met.shake(pinning(pin)) == as_gnutls_code(certificate_fault::not_pinned));
}

TEST_CASE("An insecure client accepts any certificate")
{
    trusting_meeting met{named({"example.org"})};
    client_credentials careless;
    careless.insecure = true;
    CHECK(met.shake(careless) == GNUTLS_E_SUCCESS);
}

TEST_CASE("A client shows its certificate to a server that requests one")
{
    trusting_meeting met;
    met.serving.client_auth = client_certificates::require;
    met.serving.client_ca_file = met.trusting.ca_file;
    met.trusting.certificate = test::make_certificate(met.ca).in_memory();
    CHECK(met.shake() == GNUTLS_E_SUCCESS);
    CHECK(met.client_pin == met.client_context->pin());
    CHECK(is_pin(met.client_pin));
}

TEST_CASE("A client and a server agree on a protocol by ALPN")
{
    trusting_meeting met;
    CHECK(met.shake(met.trusting, {.dtls_1_0 = false, .priority = {}, .alpn = {"mqtt", "coap"}}) ==
          GNUTLS_E_SUCCESS);
    CHECK(met.alpn == "coap");
}

TEST_CASE("A client with a PSK offers only PSK suites, and sends binary keys and identities unchanged")
{
    client_credentials client;
    client.psk_identity = "\xc3\xa4lice:1";
    client.psk_key = *secret::from_hex("00ff00");
    trusting_meeting met;
    met.serving.psk = [](std::string_view identity) {
        return identity == "\xc3\xa4lice:1" ? secret::from_hex("00ff00") : std::nullopt;
    };
    CHECK(met.shake(client) == GNUTLS_E_SUCCESS);
    CHECK(met.key_exchange == GNUTLS_KX_ECDHE_PSK);

    client.psk_key = *secret::from_hex("00ff01");
    CHECK(met.shake(client) == GNUTLS_E_AGAIN);

    met.serving.psk = nullptr;
    CHECK(met.shake(client) == GNUTLS_E_FATAL_ALERT_RECEIVED);
}

TEST_CASE("A client with a PSK and a pin also accepts a server that has only a certificate")
{
    trusting_meeting met;
    auto client = pinning(make_server_context(met.serving, {})->pin());
    client.psk_identity = "alice";
    client.psk_key = *secret::from_hex("00ff");
    CHECK(met.shake(client) == GNUTLS_E_SUCCESS);
    CHECK(met.key_exchange == GNUTLS_KX_ECDHE_ECDSA);
}
