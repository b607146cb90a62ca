#include "tls/certificate_fault.hpp"
#include "tls/gnutls_context.hpp"
#include "tls/handshake_engine.hpp"
#include "tls/own_codes.hpp"
#include "tls/reseal.hpp"
#include "tls/whole_message.hpp"

#include <gnutls/dtls.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

// The sending part of `handshake_engine`: GnuTLS's flights, their retransmissions, and the alert of a
// failure.
namespace quivive::tls {

namespace {

/// RFC 6347 4.2.4.1: the timeout doubles up to a minute.
constexpr std::chrono::milliseconds longest_wait{60'000};

/// RFC 6347 4.1.1.1: when retransmissions stay unanswered, the datagrams may be too large for the path. Every
/// IPv4 host accepts this size (RFC 8085 3.2).
constexpr unsigned repeats_before_small = 3;
constexpr std::size_t small_mtu = 548;

/// Maximum calls of gnutls_handshake for one record. Each call processes at least one message.
constexpr int max_calls = 32;

error_code error_of(int code) noexcept
{
    if (const auto fault = fault_of_code(code)) return make_error_code(*fault);
    if (const auto own = errc_of_code(code)) return *own;
    if (code == GNUTLS_E_RECEIVED_DISALLOWED_NAME) return errc::server_name_rejected;
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) return errc::peer_alert;
    return {code, tls_category()};
}

void send_alert(gnutls_session_t session, int code, bool server) noexcept
{
    const auto say = [session](int alert) {
        (void)gnutls_alert_send(session, GNUTLS_AL_FATAL, static_cast<gnutls_alert_description_t>(alert));
    };
    if (const auto fault = fault_of_code(code)) return say(alert_of(*fault));
    if (errc_of_code(code)) return say(GNUTLS_A_HANDSHAKE_FAILURE);
    // RFC 7301 3.2 defines no_application_protocol for a server. A client sends illegal_parameter for a
    // choice that it has not offered.
    if (code == GNUTLS_E_NO_APPLICATION_PROTOCOL && !server) return say(GNUTLS_A_ILLEGAL_PARAMETER);
    (void)gnutls_alert_send_appropriate(session, code);
}

}  // namespace

/// Lets GnuTLS continue, and sends its output as one flight.
void handshake_engine::advance(time_point now, wire::outbox& out) noexcept
{
    pushing_ = false;
    int result = run_gnutls();
    if (result == resumption_refused) result = run_gnutls_without_ticket();
    filter_.taken(live_->channel.messages_taken());
    if (push_failed_) return fail(GNUTLS_E_MEMORY_ERROR, out);
    if (pushing_) {
        flight_.send(path_, out);
        // Saves memory now, since the peer might never send anything more. A finished handshake keeps the
        // whole flight: the session that owns the certificate is freed.
        flight_.leave_out(result == 0 ? wire::bytes{} : live_->shared->certificate_message());
        flight_sent(now);
    }
    if (result == 0) {
        status_ = handshake_status::done;
        next_repeat_ = no_deadline;
        if (!pushing_) flight_.clear();  // the last flight was the peer's
    } else if (gnutls_error_is_fatal(result)) {
        fail(result, out);
    }
}

int handshake_engine::run_gnutls() noexcept
{
    const auto session = live_->session.get();
    int result = GNUTLS_E_AGAIN;
    for (int i = 0; i < max_calls; ++i) {
        result = gnutls_handshake(session);
        gnutls_dtls_set_timeouts(session, gnutls_never, gnutls_never);
        if (result == 0 || gnutls_error_is_fatal(result)) break;
        if (result == GNUTLS_E_AGAIN && !live_->channel.has_offer()) break;
    }
    return result;
}

/// Passes the same hello to a fresh session, which verifies everything anew. The peer has received nothing
/// yet, and sees a server that does not accept its ticket (RFC 5077 3.1).
int handshake_engine::run_gnutls_without_ticket() noexcept
try {
    pushing_ = false;
    resumption_refused_ = true;
    whole_message hello{wire::handshake_type::client_hello, filter_.first(), live_->channel.take_hello()};
    live_ = std::make_unique<live_session>(GNUTLS_SERVER, live_->shared, live_->id());
    static_cast<const gnutls_context&>(*live_->shared).disable_tickets(live_->session.get());
    live_->channel.push_to(this);
    live_->count_from(filter_.first());
    int result = GNUTLS_E_AGAIN;
    while (!hello.done() && result == GNUTLS_E_AGAIN) {
        const wire::record_view record{.type = wire::content_type::handshake,
                                       .version = wire::dtls_1_2,
                                       .connection_id = {},
                                       .payload = hello.next_fragment(max_at_once()),
                                       .whole = {}};
        live_->channel.offer(record);
        result = run_gnutls();
        live_->channel.withdraw_offer();
    }
    return result;
} catch (const std::exception&) {
    return GNUTLS_E_MEMORY_ERROR;
}

void handshake_engine::flight_sent(time_point now) noexcept
{
    filter_.answered();
    retransmissions_ = 0;
    wait_ = retransmit_first_;
    next_repeat_ = now + wait_;
    repeatable_.sent(now);
}

void handshake_engine::on_timer(time_point now, wire::outbox& out) noexcept
{
    if (now < next_repeat_) return;
    if (assembly_) assembly_->remove_disputed();
    if (++retransmissions_ == repeats_before_small) flight_.limit(small_mtu);
    retransmit_flight(now, out);
    wait_ = std::min(2 * wait_, longest_wait);
    next_repeat_ = now + wait_;
}

void handshake_engine::retransmit_flight(time_point now, wire::outbox& out) noexcept
{
    flight_.renew([this](std::span<std::byte> record) {
        (void)reseal(live_->session.get(), record, flight_.id_size());
    });
    flight_.send(path_, out);
    repeatable_.sent(now);
    ++repeated_;
}

/// Marks the handshake as failed. Only the alert is sent after this, once, and nothing is retransmitted.
void handshake_engine::abort(const error_code& why) noexcept
{
    status_ = handshake_status::failed;
    error_ = why;
    next_repeat_ = no_deadline;
    pushing_ = false;
}

void handshake_engine::fail(int code, wire::outbox& out) noexcept
{
    abort(error_of(code));
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) return;
    send_alert(live_->session.get(), code, server_);
    if (pushing_) flight_.send(path_, out);
}

/// Sends decrypt_error (RFC 5246 7.2.2), for known and unknown identities alike.
void handshake_engine::fail_for_wrong_key(wire::outbox& out) noexcept
{
    abort(errc::wrong_key);
    (void)gnutls_alert_send(live_->session.get(), GNUTLS_AL_FATAL, GNUTLS_A_DECRYPT_ERROR);
    if (pushing_) flight_.send(path_, out);
}

void handshake_engine::pushed(wire::bytes record) noexcept
try {
    if (!std::exchange(pushing_, true)) flight_.begin();
    // A peer that takes short records may have no buffer for a longer datagram either. GnuTLS's client has
    // none.
    flight_.limit(wire::record_header_size + live_->sizes.limit());
    const auto* const agreed = ids();
    const auto view = wire::first_record(record);
    if (!agreed || agreed->peers.empty() || !view || view->epoch == 0) return flight_.add(record);

    flight_.use_id_of(agreed->peers.size());
    if (const auto made = reframe(live_->session.get(), direction::write, *view, agreed->peers.value()))
        return flight_.add(*made);
    push_failed_ = true;
} catch (const std::bad_alloc&) {
    push_failed_ = true;
}

}  // namespace quivive::tls
