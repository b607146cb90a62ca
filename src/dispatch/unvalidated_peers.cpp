#include "dispatch/dispatcher.hpp"

#include <utility>
#include <variant>

namespace quivive::dispatch {

using sessions::close_reason;
using sessions::phase;

/// Returns whether the response may be short enough for an unvalidated address. False is certain and costs no
/// cryptography: it avoids building a certificate flight only to discard it.
bool dispatcher::may_fit(const wire::client_hello_view& hello, wire::bytes datagram) const noexcept
{
    gate::amplification_limiter limiter;
    limiter.received(datagram.size());
    return dependencies_.config.context->min_response_size(hello) <= limiter.left();
}

/// Returns the amplification limiter to charge for an unvalidated peer. A flight built on another thread is
/// checked against the bytes received before, as if it had been built at once. Later bytes go to a separate
/// limiter until then.
gate::amplification_limiter& dispatcher::limiter_of(connection& connection) noexcept
{
    auto& state = *connection.unvalidated();
    const bool detached = connection.phase() == phase::handshaking && !connection.has_handshake();
    return detached ? state.deferred : state.limiter;
}

/// Sends a flight as a whole or not at all: a part of it would be of no use to the peer.
void dispatcher::flush(connection& connection, const buffering_outbox& buffered, wire::outbox& out) noexcept
{
    if (buffered.size_bytes() == 0) return;
    auto& state = *connection.unvalidated();
    const bool finished = connection.phase() != phase::handshaking &&
                          connection.close_reason() != close_reason::handshake_failed;
    if (finished || state.limiter.take(buffered.size_bytes())) {
        if (!std::exchange(state.flight_sent, true)) {
            dependencies_.counters.handshakes_started.add();
            connection.pending->hello = {};  // only a challenge would have needed it
        }
        return buffered.flush(out);
    }
    (void)connection.take_retransmissions();  // none of them was sent
    if (state.flight_sent)
        dependencies_.counters.flights_withheld.add();
    else
        state.exceeds_limit = true;
}

/// Removes the handshake and its state, and sends a challenge instead. The cookie carries all that is needed.
decision dispatcher::challenge_instead(connection& connection, time_point now, wire::outbox& out) noexcept
{
    const auto path = connection.path();
    const auto kept = std::exchange(connection.pending->hello, {});
    abort(connection, close_reason::challenged);
    const auto record = wire::first_record(kept);
    if (!record) return decision::dropped(drop_reason::handshake_in_progress);
    const auto read = wire::read_client_hello(*record);
    const auto* const hello = std::get_if<wire::client_hello_view>(&read);
    return hello ? challenge(path, *hello, now, out) : decision::dropped(drop_reason::handshake_in_progress);
}

/// Returns when a silent unvalidated peer is removed.
time_point dispatcher::end_of_response_time(const connection& connection) noexcept
{
    const auto* state = connection.unvalidated();
    return state ? state->last_received + connection.limits().unproven_timeout : no_deadline;
}

}  // namespace quivive::dispatch
