#include "dispatch/dispatcher.hpp"

#include <new>
#include <utility>

// Handshakes whose steps run on other threads. Records received meanwhile wait with the connection.
namespace quivive::dispatch {

using sessions::ending;
using sessions::outcome;
using sessions::phase;

/// Returns whether a handshake processes a record on this thread, although its steps run elsewhere. This
/// holds for records that cost less than the transfer to a worker. Every record that an attacker can send in
/// bulk is cheap in this sense.
bool dispatcher::goes_on_here(const member& who, const wire::record_view& record) noexcept
{
    return who.has_handshake() && who.half_open->waiting.empty() && !who.is_costly(record);
}

outcome dispatcher::keep_for_step(member& who, const wire::record_view& record, time_point now,
                                  wire::outbox& out) noexcept
try {
    auto& waiting = who.half_open->waiting;
    // A whole flight may wait, even that of a client with the longest certificate chain.
    const auto most = who.has_handshake() ? who.most_held() : who.half_open->most_held;
    if (who.half_open->held.bytes() + record.whole.size() > most)
        return outcome::dropped(drop_reason::handshake_busy);
    if (room_for_held(who, record.whole.size()) < record.whole.size())
        return outcome::dropped(drop_reason::half_open_memory);
    waiting.insert(waiting.end(), record.whole.begin(), record.whole.end());
    who.count_held();
    // The records of one datagram are one step.
    if (next_step_ && next_step_.get() != &who) begin_next_step(now, out);
    next_step_ = who.shared_from_this();
    reschedule(who);  // its timeout applies wherever the handshake is
    return outcome::taken();
} catch (const std::bad_alloc&) {
    return outcome::dropped(drop_reason::handshake_busy);
}

void dispatcher::begin_next_step(time_point now, wire::outbox& out) noexcept
try {
    const auto who = std::exchange(next_step_, nullptr);
    if (!who || who->phase() != phase::handshaking || !who->has_handshake()) return;
    // Waiting records are already counted, wherever they are stored.
    const auto held = who->held_bytes() + who->half_open->waiting.size();
    who->hold_at_most(held + room_for_held(*who, 0));
    who->half_open->most_held = who->most_held();
    auto step = std::make_unique<handshake_step>(who, std::exchange(who->half_open->waiting, {}),
                                                 parts_.ids.codec.length());
    who->half_open->away = held;
    if (auto refused = parts_.workers->take(std::move(step))) {
        refused->run(now, parts_.work);
        take_back(std::move(refused), now, out);
    }
} catch (const std::bad_alloc&) {  // the waiting records are lost, as in the network; the peer retransmits
}

void dispatcher::take_back(std::unique_ptr<handshake_step> step, time_point now, wire::outbox& out) noexcept
{
    auto& who = step->who();
    load_.spent(step->spent(), now);
    update_load(now);
    if (who.phase() != phase::handshaking) return;  // it was aborted meanwhile

    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        for (auto n = step->discarded()[reason]; n > 0; --n) parts_.counters.discarded.note(reason);
    }
    const auto records = std::exchange(who.half_open->waiting, {});
    within_allowance(who, out, [&](wire::outbox& allowed) {
        step->flight().release(allowed);
        who.half_open->away = 0;
        who.put_back(step->take_handshake(), step->alerted(), now, allowed);
    });
    const bool too_long = who.in_doubt() && who.in_doubt()->too_long;
    if (auto* doubt = who.in_doubt()) doubt->allowance.add(std::exchange(doubt->meanwhile, {}));
    settle(who, phase::handshaking);
    if (who.phase() == phase::handshaking && too_long) return (void)challenge_instead(who, now, out);

    for (wire::record_cutter cutter{records, parts_.ids.codec.length()}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record || who.phase() == phase::closed) break;
        if (const auto what = to_member(who, *record, who.path(), now, out); !what.consumed)
            parts_.counters.discarded.note(what.reason);
    }
    begin_next_step(now, out);
}

}  // namespace quivive::dispatch
