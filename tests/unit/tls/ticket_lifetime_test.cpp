// The lifetime of a ticket: server_credentials::ticket_lifetime.
#include "support/catch.hpp"
#include "tls/server_context.hpp"
#include "unit/tls/server_meeting.hpp"
#include "unit/tls/ticket_visit.hpp"
#include "unit/tls/wall_clock.hpp"

#include <chrono>
#include <cstdint>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

TEST_CASE("RFC 5077 5.6: a ticket is valid for ticket_lifetime after the full handshake, resumed or not")
{
    auto credentials = with_certificate();
    credentials.ticket_lifetime = 10min + 700ms;
    const auto context = tls::make_server_context(credentials, {});
    plain_client first{dtls_1_2}, second{dtls_1_2}, third{dtls_1_2}, fourth{dtls_1_2};
    REQUIRE(ticket_visit{context, first}.done);
    {
        const clock_set clock{9min};
        ticket_visit(context, second, &first).check_resumed();
    }
    for (auto* const each : {&first, &second}) {  // the second ticket is the first one's
        const clock_set clock{11min};
        plain_client late{dtls_1_2};
        ticket_visit again{context, late, each};
        CHECK(again.done);
        CHECK_FALSE(again.facts.resumed);
        CHECK_FALSE(again.refused);
    }
    const clock_set clock{-1min};  // a clock set back: the ticket is from the future
    ticket_visit again{context, third, &first};
    CHECK(again.done);
    CHECK_FALSE(again.facts.resumed);
}

TEST_CASE("RFC 5077 3.3: the client receives the lifetime of its ticket")
{
    auto credentials = with_certificate();
    credentials.ticket_lifetime = GENERATE(std::chrono::milliseconds{6h}, std::chrono::milliseconds{1s});
    static std::uint64_t hint = 0;
    hint = 0;
    plain_client client{dtls_1_2};
    gnutls_handshake_set_hook_function(
        client.session.get(), GNUTLS_HANDSHAKE_NEW_SESSION_TICKET, GNUTLS_HOOK_PRE,
        [](gnutls_session_t, unsigned, unsigned, unsigned, const gnutls_datum_t* message) {
            hint = wire::reader{std::as_bytes(std::span{message->data, message->size})}.integer(4);
            return 0;
        });
    REQUIRE(ticket_visit{tls::make_server_context(credentials, {}), client}.done);
    CHECK(std::chrono::seconds{hint} == credentials.ticket_lifetime);
}
