#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/hello_answer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>
#include <vector>

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

std::shared_ptr<const tls::context> server_of(std::vector<std::string> protocols, bool required = true)
{
    return server_context_with(
        {.dtls_1_0 = false, .priority = {}, .alpn = std::move(protocols), .alpn_required = required});
}

/// A GnuTLS client that offers the given protocols, and a quivive server that supports coap and h3.
struct alpn_meeting {
    explicit alpn_meeting(const std::vector<std::string>& offered, bool required = true)
        : peer{client, server_of({"coap", "h3"}, required)}
    {
        std::vector<gnutls_datum_t> names;
        for (const auto& name : offered) names.push_back(tls::as_datum(name));
        if (!names.empty())
            tls::check(gnutls_alpn_set_protocols(client.session.get(), names.data(),
                                                 static_cast<unsigned>(names.size()), 0),
                       "gnutls_alpn_set_protocols");
        peer.settle();
    }
    [[nodiscard]] bool done() const { return peer.server->status() == handshake_status::done; }

    plain_client client{dtls_1_2};
    tls_peer peer;
};

}  // namespace

TEST_CASE("RFC 7301 3.2: the server selects the first of its own protocols that the client offers")
{
    for (const auto& offered : {std::vector<std::string>{"h3", "coap"}, {"mqtt", "coap"}}) {
        const alpn_meeting met{offered};
        REQUIRE(met.done());
        CHECK(met.peer.server->facts().alpn == "coap");
        CHECK(met.client.session.alpn() == "coap");
    }
    CHECK(alpn_meeting{{"h3"}}.peer.server->facts().alpn == "h3");
}

TEST_CASE("RFC 7301 3.2: without a common protocol the handshake ends with no_application_protocol")
{
    const alpn_meeting met{{"mqtt", "coa", "coap2"}};
    CHECK(met.peer.server->status() == handshake_status::failed);
    CHECK(met.client.session.code() == GNUTLS_E_FATAL_ALERT_RECEIVED);
    CHECK(gnutls_alert_get(met.client.session.get()) == GNUTLS_A_NO_APPLICATION_PROTOCOL);
}

TEST_CASE("alpn_required = false: a client without a common protocol is served without a protocol")
{
    const alpn_meeting met{{"mqtt"}, false};
    REQUIRE(met.done());
    CHECK(met.peer.server->facts().alpn.empty());
}

TEST_CASE("A client without ALPN is always served, and a server without protocols serves every client")
{
    for (const bool required : {true, false}) {
        const alpn_meeting met{{}, required};
        REQUIRE(met.done());
        CHECK(met.peer.server->facts().alpn.empty());

        auto hello = hello_with(make_octets({0xc0, 0x2b}));
        *hello.extensions =
            *hello.extensions + make_extension(16, make_octets({0, 5, 4, 'm', 'q', 't', 't'}));
        CHECK(answer_to(server_of({}, required), hello).suite == 0xc02b);
        CHECK(answer_to(server_of({"coap"}, required), hello).alert ==
              (required ? std::optional{120} : std::nullopt));
    }
}

TEST_CASE("RFC 7301 3.1: a client continues when the server selects no protocol")
{
    const tls::context_options offering{.dtls_1_0 = false, .priority = {}, .alpn = {"coap"}};
    tls_pair pair{{}, {}, any_server_context(), client_context_with(offering)};
    pair.settle();
    REQUIRE(pair.both_done());
    CHECK(pair.client->facts().alpn.empty());
}

TEST_CASE("RFC 9325 3.8: a client refuses a protocol that it did not offer")
{
    const auto client_of = [](const char* protocol) {
        return client_context_with({.dtls_1_0 = false, .priority = {}, .alpn = {protocol}});
    };
    // A forged protocol of the same length in the ServerHello: at this point nothing in it is authenticated
    // yet.
    tls_pair pair{{}, {}, server_of({"coap"}), client_of("coap")};
    pair.deliver_to_server();
    auto& flight = pair.to_client.datagrams.front();
    const auto choice = wire::as_bytes("\4coap");
    const auto at = std::ranges::search(flight, choice).begin();
    REQUIRE(at != flight.end());
    at[1] = std::byte{'s'};
    pair.deliver_to_client();
    REQUIRE(pair.client->status() == handshake_status::failed);
    const auto& said = pair.to_server.datagrams.back();
    const auto alert = records_of(said).front();
    REQUIRE(alert.is(wire::content_type::alert));
    CHECK(alert.payload[1] == std::byte{47});  // illegal_parameter
}
