#include "dispatch/dispatcher.hpp"

#include <new>
#include <utility>

// Handshakes with steps on other threads. Records that arrive during a step wait in the connection.
namespace quivive::dispatch {

using sessions::close_reason;
using sessions::phase;
using sessions::record_result;

/// Returns whether a handshake processes a record on this thread, although its steps run elsewhere. This
/// holds for records that cost less than the transfer to a worker. Every record that an attacker can send in
/// bulk is cheap in this sense.
bool dispatcher::runs_here(const connection& connection, const wire::record_view& record) noexcept
{
    return connection.has_handshake() && connection.pending->waiting.empty() && !connection.is_costly(record);
}

record_result dispatcher::buffer_for_step(connection& connection, const wire::record_view& record,
                                          time_point now, wire::outbox& out) noexcept
try {
    auto& waiting = connection.pending->waiting;
    // A whole flight may wait, even that of a client with the longest certificate chain.
    const auto most = connection.has_handshake() ? connection.max_held() : connection.pending->max_held;
    if (connection.pending->held.bytes() + record.whole.size() > most)
        return record_result::dropped(drop_reason::handshake_busy);
    if (buffer_capacity_for(connection, record.whole.size()) < record.whole.size())
        return record_result::dropped(drop_reason::half_open_memory);
    waiting.insert(waiting.end(), record.whole.begin(), record.whole.end());
    connection.count_held();
    // The records of one datagram are one step.
    if (next_step_ && next_step_.get() != &connection) begin_next_step(now, out);
    next_step_ = connection.shared_from_this();
    reschedule(connection);  // its timeout applies wherever the handshake is
    return record_result::taken();
} catch (const std::bad_alloc&) {
    return record_result::dropped(drop_reason::handshake_busy);
}

void dispatcher::begin_next_step(time_point now, wire::outbox& out) noexcept
try {
    const auto connection = std::exchange(next_step_, nullptr);
    if (!connection || connection->phase() != phase::handshaking || !connection->has_handshake()) return;
    // Waiting records are already counted, wherever they are stored.
    const auto held = connection->held_bytes() + connection->pending->waiting.size();
    connection->limit_held_bytes(held + buffer_capacity_for(*connection, 0));
    connection->pending->max_held = connection->max_held();
    auto step = std::make_unique<handshake_step>(connection, std::exchange(connection->pending->waiting, {}),
                                                 dependencies_.ids.codec.length());
    connection->pending->detached_bytes = held;
    if (auto refused = dependencies_.workers->take(std::move(step))) {
        refused->run(now, dependencies_.work);
        on_step_done(std::move(refused), now, out);
    }
} catch (const std::bad_alloc&) {  // the waiting records are dropped, and the peer retransmits
}

void dispatcher::on_step_done(std::unique_ptr<handshake_step> step, time_point now,
                              wire::outbox& out) noexcept
{
    auto& connection = step->connection();
    load_.add_work(step->cpu_time(), now);
    update_load(now);
    if (connection.phase() != phase::handshaking) return;  // it was aborted meanwhile

    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        for (auto n = step->discarded()[reason]; n > 0; --n) dependencies_.counters.discarded.note(reason);
    }
    const auto records = std::exchange(connection.pending->waiting, {});
    within_amplification_limit(connection, out, [&](wire::outbox& allowed) {
        step->flight().flush(allowed);
        connection.pending->detached_bytes = 0;
        connection.reattach_handshake(step->take_handshake(), step->alerted(), now, allowed);
    });
    const bool exceeds_limit = connection.unvalidated() && connection.unvalidated()->exceeds_limit;
    if (auto* state = connection.unvalidated()) state->limiter.add(std::exchange(state->deferred, {}));
    apply_transition(connection, phase::handshaking);
    if (connection.phase() == phase::handshaking && exceeds_limit)
        return (void)challenge_instead(connection, now, out);

    for (wire::record_cutter cutter{records, dependencies_.ids.codec.length()}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record || connection.phase() == phase::closed) break;
        if (const auto what = feed_connection(connection, *record, connection.path(), now, out);
            !what.consumed)
            dependencies_.counters.discarded.note(what.reason);
    }
    begin_next_step(now, out);
}

}  // namespace quivive::dispatch
