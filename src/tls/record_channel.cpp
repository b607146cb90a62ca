#include "tls/record_channel.hpp"

#include "tls/certificate_bounds.hpp"
#include "tls/gnutls_context.hpp"
#include "tls/record_bytes.hpp"

#include <cerrno>
#include <span>
#include <utility>

namespace quivive::tls {

namespace {

/// Returns null when the session has none.
const gnutls_context* context_of(gnutls_session_t session) noexcept
{
    return static_cast<const gnutls_context*>(gnutls_session_get_ptr(session));
}

/// GnuTLS keeps the hello for its hash, and a second copy.
std::uint32_t size_of_hello(std::size_t body) noexcept { return static_cast<std::uint32_t>(2 * body); }

}  // namespace

void record_channel::attach(gnutls_session_t session) noexcept
{
    session_ = session;
    gnutls_transport_set_ptr(session, this);
    gnutls_transport_set_pull_function(session, &record_channel::pull);
    gnutls_transport_set_pull_timeout_function(session, &record_channel::pull_timeout);
    gnutls_transport_set_push_function(session, &record_channel::push);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH,
                                       &record_channel::on_message);
}

ssize_t record_channel::pull(gnutls_transport_ptr_t self, void* data, std::size_t size) noexcept
{
    auto& channel = *static_cast<record_channel*>(self);
    if (!channel.offered_ || size < size_in_bytes(*channel.offered_)) {  // never truncates a record
        gnutls_transport_set_errno(channel.session_, EAGAIN);            // 0 would end the session
        return -1;
    }
    const auto& record = *std::exchange(channel.offered_, nullptr);
    // The numbers of epoch 0 are not authenticated: a forged 2^48-1 would close GnuTLS's replay window for
    // all records that follow. GnuTLS receives a plain count instead.
    const auto number = record.epoch == 0 ? channel.next_plaintext_sequence_++ : record.number();
    write_record({static_cast<std::byte*>(data), size}, record, number);
    return static_cast<ssize_t>(size_in_bytes(record));
}

int record_channel::pull_timeout(gnutls_transport_ptr_t self, unsigned) noexcept
{
    return static_cast<record_channel*>(self)->has_offer() ? 1 : 0;
}

ssize_t record_channel::push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept
{
    auto* const taker = static_cast<record_channel*>(self)->sink_;
    if (taker) taker->pushed({static_cast<const std::byte*>(data), size});
    return static_cast<ssize_t>(size);
}

/// GnuTLS would accept some hellos that quivive's parser does not, such as one with a version above all of
/// DTLS. These would bypass the checks of quivive.
int record_channel::on_client_hello(wire::bytes body) noexcept
{
    const auto* const shared = context_of(session_);
    if (!shared) return 0;
    const auto hello = wire::read_client_hello_body(body);
    if (!hello) return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
    if (wire::offers_ticket(*hello) && shared->has_chains_in_tickets())
        bytes_of_ticket_ = size_of_hello(body.size());
    if (!resumption_.hello_comes(*hello, body)) return GNUTLS_E_MEMORY_ERROR;
    if (const int refused = sink_ ? sink_->on_client_hello(*hello) : 0; refused < 0) return refused;
    return shared->on_client_hello(session_, *hello);
}

int record_channel::on_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                               const gnutls_datum_t* message) noexcept
{
    auto& channel = *static_cast<record_channel*>(gnutls_transport_get_ptr(session));
    const auto body = std::as_bytes(std::span{message->data, message->size});
    const bool before = when == GNUTLS_HOOK_PRE, is_hello = type == GNUTLS_HANDSHAKE_CLIENT_HELLO;
    if (incoming == 0)
        return before
                   ? channel.resumption_.message_goes(session, static_cast<wire::handshake_type>(type), body)
                   : 0;
    if (!before) {
        const auto* const shared = context_of(session);
        return is_hello && shared ? shared->before_answer(session) : 0;
    }
    ++channel.messages_taken_;
    if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT) {
        const auto fault = check_bounds(body);
        return fault ? as_gnutls_code(*fault) : 0;
    }
    channel.has_key_exchange_ = channel.has_key_exchange_ || type == GNUTLS_HANDSHAKE_CLIENT_KEY_EXCHANGE;
    channel.bytes_taken_ += is_hello ? size_of_hello(message->size) : message->size;
    return is_hello ? channel.on_client_hello(body) : 0;
}

}  // namespace quivive::tls
