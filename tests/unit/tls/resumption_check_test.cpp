// The state restored from a ticket is checked before anything is sent: tls/resumption_check.
#include "tls/resumption_check.hpp"

#include "quivive/error.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "tls/certificate_fault.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/server_context.hpp"
#include "unit/tls/server_meeting.hpp"
#include "unit/tls/ticket_visit.hpp"
#include "unit/tls/wall_clock.hpp"

#include <gnutls/dtls.h>

#include <memory>
#include <string>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;

namespace {

constexpr auto* only_aes_128 = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+AES-128-GCM";
constexpr auto* only_aes_256 = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+AES-256-GCM";

/// Returns a context that accepts the tickets of all contexts of this kind, like servers with a common key.
class sharing_context final : public tls::server_context {
public:
    explicit sharing_context(const server_credentials& credentials, const tls::context_options& options = {})
        : server_context{credentials, options, nullptr}
    {
    }

private:
    void apply_role(gnutls_session_t session) const override
    {
        server_context::apply_role(session);
        static const tls::datum key = [] {
            tls::datum made;
            tls::check(gnutls_session_ticket_key_generate(made.out()), "gnutls_session_ticket_key_generate");
            return made;
        }();
        tls::check(gnutls_session_ticket_enable_server(session, &key.get()),
                   "gnutls_session_ticket_enable_server");
    }
};

std::shared_ptr<const tls::context> sharing(const server_credentials& credentials,
                                            const tls::context_options& options = {})
{
    return std::make_shared<sharing_context>(credentials, options);
}

/// Credentials of a server that requests client certificates of one authority.
struct asking {
    explicit asking(client_certificates what, const std::string& authority = "one authority")
        : ca{make_ca(authority)}
    {
        credentials = with_certificate();
        credentials.client_auth = what;
        if (what != client_certificates::ignore)
            credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    }
    temp_directory directory;
    issued ca;
    server_credentials credentials;
};

}  // namespace

TEST_CASE("RFC 5246 7.4.1.2: a ticket of a suite that the hello does not offer leads to a full handshake")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{only_aes_128}, second{only_aes_256}, third{only_aes_128};
    REQUIRE(ticket_visit{context, first}.done);
    ticket_visit other{context, second, &first};
    other.check_full();
    CHECK(other.facts.cipher_suite.find("AES-256-GCM") != std::string::npos);
    ticket_visit same{context, third, &first};
    same.check_resumed();
}

TEST_CASE("A ticket of a suite that the server no longer supports leads to a full handshake")
{
    const auto credentials = with_certificate();
    const auto before = sharing(credentials),
               after = sharing(credentials, {.priority = only_aes_256, .alpn = {}});
    plain_client first{only_aes_128}, second{dtls_1_2}, third{dtls_1_2};
    REQUIRE(ticket_visit{before, first}.done);
    ticket_visit(after, second, &first).check_full();
    ticket_visit(before, third, &first).check_resumed();
}

TEST_CASE("A ticket is refused for a hello of a lower version and for a suite that the server lacks")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{only_aes_128}, second{only_aes_128};
    const meeting full{context, first.session};
    offer_session_of(first.session, second.session);
    const meeting again{context, second.session};
    REQUIRE(again.server.resumed());
    constexpr std::uint16_t ecdhe_ecdsa_aes_128_gcm = 0xc02b, static_rsa = 0x009c;
    const auto& judge = tls::gnutls_context::of(again.server.get());
    wire::client_hello_view hello;
    hello.version = wire::dtls_1_2;
    CHECK(judge.may_resume(again.server.get(), hello, ecdhe_ecdsa_aes_128_gcm));
    CHECK_FALSE(judge.may_resume(again.server.get(), hello, static_rsa));
    hello.version = wire::dtls_1_0;
    CHECK_FALSE(judge.may_resume(again.server.get(), hello, ecdhe_ecdsa_aes_128_gcm));
}

TEST_CASE("RFC 5077 3.1: the certificate chain of a ticket is verified at the current time")
{
    asking here{client_certificates::require};
    certificate_spec short_lived;
    short_lived.days_to = 1;
    const auto shown = make_certificate(here.ca, short_lived);
    const auto context = tls::make_server_context(here.credentials, {});
    plain_client first{dtls_1_2, shown.certificate, shown.key},
        second{dtls_1_2, shown.certificate, shown.key}, third{dtls_1_2, shown.certificate, shown.key};
    {
        const clock_set clock{23h};
        REQUIRE(ticket_visit{context, first}.done);
        ticket_visit(context, second, &first).check_resumed();
    }
    const clock_set clock{25h};
    ticket_visit(context, third, &first).check_rejected(tls::certificate_fault::expired);
}

TEST_CASE("A ticket of an authority that is no longer trusted does not resume, and its client is refused")
{
    asking here{client_certificates::require}, elsewhere{client_certificates::require, "another"};
    const auto shown = make_certificate(here.ca), new_one = make_certificate(elsewhere.ca);
    plain_client first{dtls_1_2, shown.certificate, shown.key},
        second{dtls_1_2, shown.certificate, shown.key}, third{dtls_1_2, new_one.certificate, new_one.key};
    REQUIRE(ticket_visit{sharing(here.credentials), first}.done);
    ticket_visit(sharing(elsewhere.credentials), second, &first)
        .check_rejected(tls::certificate_fault::unknown_authority);
    ticket_visit(sharing(elsewhere.credentials), third, &first).check_full();
}

TEST_CASE("A ticket of a client without a certificate is refused where a certificate is required")
{
    asking here{client_certificates::require};
    const auto shown = make_certificate(here.ca);
    auto before = here.credentials;
    before.client_auth = GENERATE(client_certificates::ignore, client_certificates::request);
    if (before.client_auth == client_certificates::ignore) before.client_ca_file.clear();
    plain_client first{dtls_1_2}, second{dtls_1_2}, third{dtls_1_2, shown.certificate, shown.key},
        fourth{dtls_1_2};
    REQUIRE(ticket_visit{sharing(before), first}.done);
    ticket_visit(sharing(here.credentials), second, &first).check_rejected(tls::certificate_fault::missing);
    ticket_visit with_one{sharing(here.credentials), third, &first};
    with_one.check_full();
    CHECK(!with_one.facts.peer_pin.empty());

    auto requested = here.credentials;
    requested.client_auth = client_certificates::request;
    ticket_visit(sharing(requested), fourth, &first).check_resumed();
}

TEST_CASE("A ticket with a certificate is refused where none is requested")
{
    asking here{client_certificates::request}, elsewhere{client_certificates::ignore};
    const auto shown = make_certificate(here.ca);
    plain_client first{dtls_1_2, shown.certificate, shown.key}, second{dtls_1_2};
    REQUIRE(ticket_visit{sharing(here.credentials), first}.done);
    ticket_visit again{sharing(elsewhere.credentials), second, &first};
    again.check_full();
    CHECK(again.facts.peer_pin.empty());
}

TEST_CASE("A ticket of a removed PSK identity does not resume, and its client is refused")
{
    const temp_directory directory;
    const auto with = [&](const std::string& line) {
        server_credentials credentials;
        credentials.psk_file = directory.write("keys.psk", line);
        return sharing(credentials);
    };
    const auto knows = with("alice:00ff\n"), knows_not = with("bob:00ff\n");
    constexpr std::string_view key{"\0\xff", 2};
    plain_client first{psk_suites}, second{psk_suites}, third{psk_suites};
    for (auto* const each : {&first, &second, &third}) each->psk("alice", key);
    REQUIRE(ticket_visit{knows, first}.done);
    ticket_visit gone{knows_not, second, &first};
    CHECK(gone.refused);
    CHECK_FALSE(gone.done);
    ticket_visit(knows, third, &first).check_resumed();
}

TEST_CASE("A ticket of a PSK session is accepted with required certificates only if that is allowed")
{
    asking here{client_certificates::request};
    here.credentials.psk_file = here.directory.write("keys.psk", "alice:00ff\n");
    constexpr std::string_view key{"\0\xff", 2};
    plain_client first{psk_suites}, second{psk_suites};
    for (auto* const each : {&first, &second}) each->psk("alice", key);
    REQUIRE(ticket_visit{sharing(here.credentials), first}.done);
    here.credentials.client_auth = client_certificates::require;
    here.credentials.client_auth_with_psk = true;
    ticket_visit(sharing(here.credentials), second, &first).check_resumed();
}

TEST_CASE("A refused ticket does not change the server's preference")
{
    const temp_directory directory;
    auto both = with_certificate();
    both.psk_file = directory.write("keys.psk", "alice:00ff\n");
    both.prefer = GENERATE(credential_preference::psk, credential_preference::client);
    const bool by_client = both.prefer == credential_preference::client;
    const auto suites = [&](const std::string& cipher) {
        return "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:" +
               std::string{by_client ? "+PSK:+ECDHE-ECDSA" : "+ECDHE-ECDSA:+PSK"} + ":-CIPHER-ALL:+" + cipher;
    };
    plain_client first{suites("AES-128-GCM")}, second{suites("AES-256-GCM")};
    for (auto* const each : {&first, &second}) each->psk("alice", std::string_view{"\0\xff", 2});
    const auto context = tls::make_server_context(both, {});
    REQUIRE(ticket_visit{context, first}.done);
    ticket_visit other{context, second, &first};
    other.check_full();
    CHECK(other.facts.psk_identity == "alice");
}

TEST_CASE("A refused ticket in a fragmented hello leads to a full handshake")
{
    asking here{client_certificates::request}, elsewhere{client_certificates::request, "another"};
    certificate_spec wide;
    wide.padding = GENERATE(std::size_t{0}, std::size_t{3'000}, std::size_t{17'000});
    CAPTURE(wide.padding);
    const auto shown = make_certificate(here.ca, wide);
    plain_client first{dtls_1_2, shown.certificate, shown.key}, second{dtls_1_2}, third{dtls_1_2};
    REQUIRE(ticket_visit{sharing(here.credentials), first}.done);
    ticket_visit same{sharing(here.credentials), second, &first};
    same.check_resumed();
    ticket_visit other{sharing(elsewhere.credentials), third, &first};
    other.check_full();
    CHECK(other.facts.peer_pin.empty());
}

TEST_CASE("A refused ticket with a chain of the largest size leaves capacity for the chain itself")
{
    asking here{client_certificates::require};
    const tls::handshake_settings settings;
    certificate_spec wide;
    wide.padding = GENERATE(std::size_t{14'000}, tls::handshake_settings{}.max_message_bytes - 1'500);
    CAPTURE(wide.padding);
    const auto shown = make_certificate(here.ca, wide);
    const auto context = tls::make_server_context(here.credentials, {});
    plain_client first{only_aes_128, shown.certificate, shown.key},
        second{only_aes_256, shown.certificate, shown.key};
    for (auto* const each : {&first, &second}) gnutls_dtls_set_mtu(each->session.get(), 8'000);
    REQUIRE(ticket_visit{context, first}.done);
    ticket_visit other{context, second, &first};
    CHECK(other.peer.server->held_bytes() <= other.peer.server->max_held());
    CHECK(other.peer.server->max_held() > tls::max_held(settings.max_message_bytes) + 2 * wide.padding);
    other.check_full();
    CHECK_FALSE(other.facts.peer_pin.empty());
}

TEST_CASE("After a refused ticket the first flight is retransmitted as usual")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{only_aes_128}, second{only_aes_256};
    REQUIRE(ticket_visit{context, first}.done);
    offer_session_of(first.session, second.session);
    tls_peer peer{second, context};
    peer.let_client_go_on();
    (void)peer.feed(peer.sent_by_client().front());
    const auto sent = peer.sent_by_server.size();
    second.session.incoming.clear();  // lost
    peer.now = peer.server->next_wake();
    peer.on_timer();
    CHECK(peer.sent_by_server.size() == 2 * sent);
    peer.settle();
    CHECK(peer.server->status() == handshake_status::done);
    CHECK(second.session.done());
}
