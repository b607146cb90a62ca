#include "tls/server_context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/temp_directory.hpp"
#include "tls/pin.hpp"
#include "unit/tls/server_meeting.hpp"

#include <memory>

using namespace quivive;
using namespace quivive::tls;
using namespace quivive::test;

namespace {

bool resumes(plain_session& former, const std::shared_ptr<const context>& shared)
{
    plain_client client{dtls_1_2};
    offer_session_of(former, client.session);
    const meeting met{shared, client.session};
    CHECK(met.server.done());
    CHECK(met.server.resumed() == client.session.resumed());
    return met.server.resumed();
}

}  // namespace

TEST_CASE("RFC 5077: a ticket resumes a session only with the context that issued it")
{
    const auto credentials = with_certificate();
    const auto one = make_server_context(credentials, {}), other = make_server_context(credentials, {});
    plain_client client{dtls_1_2};
    const meeting met{one, client.session};
    REQUIRE(client.session.done());
    CHECK(resumes(client.session, one));
    CHECK(!resumes(client.session, other));
}

TEST_CASE("Without tickets every handshake is a full handshake")
{
    auto credentials = with_certificate();
    credentials.tickets = false;
    const auto shared = make_server_context(credentials, {});
    plain_client client{dtls_1_2};
    const meeting met{shared, client.session};
    REQUIRE(client.session.done());
    CHECK(!resumes(client.session, shared));
}

TEST_CASE("A resumed session of a client with a certificate still has the certificate")
{
    const temp_directory directory;
    const auto ca = make_ca();
    const auto shown = make_certificate(ca);
    auto credentials = with_certificate();
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    const auto shared = make_server_context(credentials, {});
    plain_client first{dtls_1_2, shown.certificate, shown.key},
        second{dtls_1_2, shown.certificate, shown.key};
    const meeting full{shared, first.session};
    REQUIRE(full.server.done());
    offer_session_of(first.session, second.session);
    const meeting short_one{shared, second.session};
    CHECK(short_one.server.resumed());
    CHECK(pin_of_peer(short_one.server.get()) == pin_of_peer(full.server.get()));
    CHECK(is_pin(pin_of_peer(full.server.get())));
}
