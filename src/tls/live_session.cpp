#include "tls/live_session.hpp"

#include "tls/gnutls_context.hpp"

#include <gnutls/dtls.h>

#include <utility>

namespace quivive::tls {

namespace {

/// `flight` splits messages into datagrams, so GnuTLS does not. This is the largest size that GnuTLS accepts.
constexpr unsigned largest_gnutls_mtu = 16'384;

}  // namespace

live_session::live_session(unsigned role, std::shared_ptr<const context> with,
                           const std::optional<wire::own_connection_id>& id)
    : session{make_handle<session_handle>("gnutls_init", gnutls_init,
                                          role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL)}
{
    apply_context(session.get(), *with);
    watch_identity(session.get(), unknown_identity);
    shared = std::move(with);
    channel.attach(session.get());
    if (id) {
        ids = std::make_unique<id_negotiation>(role, *id);
        ids->attach(session.get());
    }
    if (role == GNUTLS_CLIENT) sizes.attach_to_client(session.get());  // a server waits for the hello first
    gnutls_dtls_set_timeouts(session.get(), gnutls_never, gnutls_never_at_first);
    gnutls_dtls_set_mtu(session.get(), largest_gnutls_mtu);
    // GnuTLS's limit counts all messages of both sides together. `handshake_filter` limits a single message.
    gnutls_handshake_set_max_packet_length(session.get(), 0);
}

/// Correct with and without a HelloVerifyRequest: GnuTLS adds one to the last number.
void live_session::count_from(std::uint16_t message_seq) noexcept
{
    gnutls_dtls_prestate_st counters{0, message_seq, message_seq - 1U};
    gnutls_dtls_prestate_set(session.get(), &counters);
}

std::optional<wire::own_connection_id> live_session::id() const noexcept
{
    return ids ? std::optional{ids->own()} : std::nullopt;
}

}  // namespace quivive::tls
