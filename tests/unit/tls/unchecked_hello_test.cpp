// No session is resumed without a hello that was parsed and checked: tls/record_channel,
// tls/resumption_check.
#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "tls/resumption_check.hpp"
#include "tls/server_context.hpp"
#include "unit/tls/server_meeting.hpp"
#include "unit/tls/ticket_visit.hpp"

#include <span>

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

TEST_CASE("A ticket in a hello that only GnuTLS can parse restores nothing")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    REQUIRE(ticket_visit{context, first}.done);
    offer_session_of(first.session, second.session);
    tls_peer peer{second, context};
    peer.let_client_go_on();
    auto hello = peer.sent_by_client().front();
    auto* const version = hello.data() + wire::record_header_size + wire::handshake_header_size;
    REQUIRE(version[0] == std::byte{0xfe});
    version[0] = std::byte{0xfd};  // not a DTLS version; GnuTLS answers with its highest one
    version[1] = std::byte{0xff};
    (void)peer.feed(hello);
    CHECK(peer.server->status() == handshake_status::failed);
    CHECK(peer.server->error() == error_code{GNUTLS_E_UNEXPECTED_PACKET_LENGTH, tls_category()});
    REQUIRE(peer.sent_by_server.size() == 1);
    CHECK(records_of(peer.sent_by_server[0]).front().is(wire::content_type::alert));
}

TEST_CASE("A resumption without a checked hello ends the handshake")
{
    const auto context = tls::make_server_context(with_certificate(), {});
    static tls::resumption_check check;  // without a hello; static, since a hook has no context
    const auto answer_to = [&](plain_session& client) {
        plain_session server{GNUTLS_SERVER, *context};
        gnutls_handshake_set_hook_function(
            server.get(), GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
            [](gnutls_session_t session, unsigned type, unsigned, unsigned incoming,
               const gnutls_datum_t* message) {
                const auto body = std::as_bytes(std::span{message->data, message->size});
                const auto what = static_cast<wire::handshake_type>(type);
                return incoming != 0 ? 0 : check.message_goes(session, what, body);
            });
        shake_hands(client, server);
        return server.code();
    };
    plain_client first{dtls_1_2}, second{dtls_1_2};
    REQUIRE(answer_to(first.session) == 0);
    offer_session_of(first.session, second.session);
    CHECK(answer_to(second.session) == GNUTLS_E_INTERNAL_ERROR);
}
