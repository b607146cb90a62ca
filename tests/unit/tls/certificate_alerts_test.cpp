// Each side that refuses a certificate sends an alert with the reason (RFC 5246 7.2.2).

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "tls/certificate_fault.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>

using namespace quivive;
using namespace quivive::tls;
using namespace quivive::test;

namespace {

certificate_spec lasting(int from, int to)
{
    certificate_spec spec;
    spec.days_from = from;
    spec.days_to = to;
    return spec;
}

certificate_spec used_for(const char* purpose)
{
    certificate_spec spec;
    spec.purpose = purpose;
    return spec;
}

certificate_spec of_host(const std::string& name)
{
    certificate_spec spec;
    spec.dns_names = {name};
    return spec;
}

/// A client that shows the certificate `shown` to a server that trusts `ca`, and the alert that it receives.
struct refused_client {
    refused_client(const issued& ca, const issued& shown)
        : client{dtls_1_2, shown.certificate, shown.key}, peer{client, trusting(ca)}
    {
        peer.settle();
    }

    [[nodiscard]] static std::shared_ptr<const context> trusting(const issued& ca)
    {
        const temp_directory directory;
        auto credentials = with_certificate();
        credentials.client_auth = client_certificates::require;
        credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
        return make_server_context(credentials, {});
    }
    [[nodiscard]] int alert() const { return gnutls_alert_get(client.session.get()); }

    plain_client client;
    tls_peer peer;
};

/// A GnuTLS server that shows the certificate `shown` to a quivive client, and the alert that it receives.
struct refused_server {
    refused_server(const issued& shown, const client_credentials& credentials)
        : served{make_server_context(with(shown), {})},
          server{GNUTLS_SERVER, *served},
          client{make_client_handshake(make_client_context(credentials, {}), {}, {}, now, out)}
    {
        for (int i = 0; i < 8 && client->status() == handshake_status::in_progress; ++i) {
            pass_on();
            server.step();
            for (auto& datagram : server.sent) {
                const auto* bytes = reinterpret_cast<const std::byte*>(datagram.data());
                const octets copy{bytes, bytes + datagram.size()};
                for (const auto& record : records_of(copy)) (void)client->feed(record, now, out);
            }
            server.sent.clear();
        }
        pass_on();
        server.step();
    }

    [[nodiscard]] static server_credentials with(const issued& shown)
    {
        server_credentials credentials;
        credentials.certificate = shown.in_memory();
        return credentials;
    }
    void pass_on()
    {
        for (const auto& datagram : out.datagrams) {
            const auto* bytes = reinterpret_cast<const unsigned char*>(datagram.data());
            server.incoming.emplace_back(bytes, bytes + datagram.size());
        }
        out.datagrams.clear();
    }
    [[nodiscard]] int alert() const { return gnutls_alert_get(server.get()); }

    time_point now{std::chrono::hours{1}};
    queue_outbox out;
    std::shared_ptr<const context> served;
    plain_session server;
    std::unique_ptr<handshake> client;
};

void check_refused(const refused_client& met, int alert, certificate_fault why)
{
    CHECK(met.alert() == alert);
    REQUIRE(met.peer.server->status() == handshake_status::failed);
    CHECK(met.peer.server->error() == make_error_code(why));
}

void check_refused(const refused_server& met, int alert, certificate_fault why)
{
    CHECK(met.alert() == alert);
    REQUIRE(met.client->status() == handshake_status::failed);
    CHECK(met.client->error() == make_error_code(why));
}

client_credentials trusting(const issued& ca, const temp_directory& directory)
{
    client_credentials credentials;
    credentials.ca_file = directory.write("ca.pem", ca.certificate);
    credentials.server_name = "localhost";
    return credentials;
}

}  // namespace

TEST_CASE("RFC 5246 7.2.2: a server sends a client the reason why its certificate is refused")
{
    const auto ca = make_ca();
    check_refused({ca, make_certificate(ca, lasting(-9, -2))}, 45, certificate_fault::expired);
    check_refused({ca, make_certificate(ca, lasting(2, 9))}, 45, certificate_fault::not_valid_yet);
    check_refused({ca, make_certificate()}, 48, certificate_fault::unknown_authority);
    check_refused({ca, make_certificate(make_ca("another"))}, 48, certificate_fault::unknown_authority);
    check_refused({ca, make_certificate(ca, used_for(GNUTLS_KP_TLS_WWW_SERVER))}, 43,
                  certificate_fault::wrong_use);
}

TEST_CASE(
    "RFC 5246 7.4.6: a server that requires a certificate sends handshake_failure to a client without one")
{
    plain_client client{dtls_1_2};
    tls_peer peer{client, refused_client::trusting(make_ca())};
    peer.settle();
    CHECK(gnutls_alert_get(client.session.get()) == GNUTLS_A_HANDSHAKE_FAILURE);
    CHECK(peer.server->error() == make_error_code(certificate_fault::missing));
}

TEST_CASE("RFC 5246 7.2.2: a client sends a server the reason why its certificate is refused")
{
    const auto ca = make_ca();
    const temp_directory directory;
    const auto credentials = trusting(ca, directory);
    check_refused({make_certificate(ca, used_for(GNUTLS_KP_TLS_WWW_CLIENT)), credentials}, 43,
                  certificate_fault::wrong_use);
    check_refused({make_certificate(make_ca("another")), credentials}, 48,
                  certificate_fault::unknown_authority);
    check_refused({make_certificate(), credentials}, 48, certificate_fault::unknown_authority);
    check_refused({make_certificate(ca, of_host("example.org")), credentials}, 42,
                  certificate_fault::wrong_name);
}

TEST_CASE("RFC 5246 7.2.2: a client with a pin sends certificate_unknown to a server with another key")
{
    const auto pinned = make_certificate(), other = make_certificate();
    client_credentials credentials;
    credentials.pin = make_server_context(refused_server::with(pinned), {})->pin();
    check_refused({other, credentials}, 46, certificate_fault::not_pinned);
    CHECK(refused_server{pinned, credentials}.client->status() == handshake_status::done);
}
