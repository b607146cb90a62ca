#include "dispatch/dispatcher.hpp"

#include "dispatch/endings.hpp"
#include "wire/alert.hpp"

#include <new>
#include <utility>

namespace quivive::dispatch {

using sessions::ending;
using sessions::phase;

dispatcher::dispatcher(parts given, time_point start)
    : parts_{std::move(given)},
      load_{parts_.terms.load, parts_.terms.limits->max_half_open, start},
      wheel_{start},
      occupancy_{parts_.key, *parts_.terms.limits, parts_.terms.moves},
      spent_{parts_.key},
      pool_{std::make_shared<sessions::message_pool>(parts_.terms.limits->receive_queue_bytes_total)},
      move_terms_{std::make_shared<sessions::move_terms>(
          parts_.terms.moves, parts_.terms.limits->unvalidated_bytes_per_second_total)},
      table_{0, peer_hash{parts_.key}}
{
}

dispatcher::~dispatcher()
{
    for_each_member([this](member& who) {
        wheel_.cancel(who);
        who.half_open.reset();
        who.abandon(ending::server_stopped);
    });
}

void dispatcher::drop(std::size_t bytes, drop_reason reason) noexcept
{
    parts_.counters.received.add();
    parts_.counters.received_bytes.add(bytes);
    parts_.counters.dropped.note(reason);
}

void dispatcher::advance(time_point now, wire::outbox& out, std::size_t most) noexcept
{
    wheel_.advance(now, most, [&](wheel_timer& timer) {
        auto& who = static_cast<member&>(timer);
        const auto keep = who.shared_from_this();
        if (now >= end_of_silence(who)) return give_up(who, ending::handshake_timeout);
        const auto before = who.phase();
        const auto was_at = who.path();
        within_allowance(who, out, [&](wire::outbox& allowed) { who.on_timer(now, allowed); });
        note_move(who, was_at);
        settle(who, before);
    });
    update_load(now);
}

void dispatcher::use(terms changed) noexcept
{
    parts_.terms = std::move(changed);
    pool_->limit(parts_.terms.limits->receive_queue_bytes_total);
    move_terms_->use(parts_.terms.moves, parts_.terms.limits->unvalidated_bytes_per_second_total);
    load_.use(parts_.terms.load, parts_.terms.limits->max_half_open);
    occupancy_.use(*parts_.terms.limits, parts_.terms.moves,
                   [this](auto count) { for_each_member([&](member& who) { count(who.origin()); }); });
}

bool dispatcher::accept(member& who, time_point now, wire::outbox& out) noexcept
try {
    if (who.phase() != phase::offered) return false;
    const auto keep = who.shared_from_this();
    const auto datagram = std::exchange(who.half_open->hello, {});
    if (const auto first = wire::first_record(datagram); first && who.in_doubt())
        who.half_open->keep_hello(first->whole);  // kept until the size of the flight is checked
    who.count_held();
    shake_hands(who, datagram, now, out);
    if (who.in_doubt() && who.in_doubt()->too_long) challenge_instead(who, now, out);
    return true;
} catch (const std::exception&) {
    give_up(who, ending::handshake_failed);
    return false;
}

void dispatcher::refuse(member& who, bool tell, wire::outbox& out) noexcept
{
    if (who.phase() != phase::offered && who.phase() != phase::handshaking) return;
    if (tell && who.phase() == phase::offered) {
        const auto alert = wire::make_fatal_alert(wire::dtls_1_2, who.half_open->start.record_sequence,
                                                  wire::alert_description::access_denied);
        within_allowance(who, out, [&](wire::outbox& allowed) { allowed.send(who.path(), alert); });
    }
    give_up(who, ending::refused);
}

void dispatcher::displace(member& who) noexcept
{
    if (who.phase() == phase::offered) give_up(who, ending::displaced);
}

record::sealed dispatcher::send(member& who, wire::bytes message, time_point now, wire::outbox& out) noexcept
{
    const auto sealed = who.send(message, now, out);
    if (sealed == record::sealed::sent) parts_.counters.messages_sent.add();
    if (sealed == record::sealed::exhausted) end(who, ending::sequence_exhausted, now, out);
    return sealed;
}

void dispatcher::close(member& who, ending why, time_point now, wire::outbox& out) noexcept
{
    const auto keep = who.shared_from_this();
    const auto before = who.phase();
    who.close(why, now, out);
    settle(who, before);
}

void dispatcher::end(member& who, ending why, time_point now, wire::outbox& out) noexcept
{
    const auto keep = who.shared_from_this();
    const auto before = who.phase();
    who.end(why, now, out);
    settle(who, before);
}

void dispatcher::end_all(ending why, time_point now, wire::outbox& out) noexcept
{
    while (!table_.empty()) {
        const auto held = table_.begin()->second;
        for (const auto& who : {held.session, held.handshake})
            if (who) end(*who, why, now, out);
    }
    while (!ids_.empty()) end(*ids_.any(), why, now, out);
}

void dispatcher::release_owners() noexcept
{
    for_each_member([](member& who) {
        if (who.owner) std::exchange(who.owner, nullptr)->let_go();
    });
}

void dispatcher::shake_hands(member& who, wire::bytes datagram, time_point now, wire::outbox& out)
{
    parts_.work.begin();
    const auto& terms = parts_.terms;
    const bool weighed = who.in_doubt() != nullptr;
    auto settings = terms.handshakes;
    if (!who.id.empty()) settings.connection_id = who.id;
    who.begin(tls::make_server_handshake(terms.context, settings, who.half_open->start, who.path()), now);
    load_.spent(parts_.work.end(), now);
    for (wire::record_cutter cutter{datagram, parts_.ids.codec.length()}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record || who.phase() == phase::closed) break;
        if (const auto what = to_member(who, *record, who.path(), now, out); !what.consumed)
            parts_.counters.discarded.note(what.reason);
    }
    begin_next_step(now, out);
    if (!weighed) parts_.counters.handshakes_started.add();  // otherwise `release` counts it
}

/// Applies the consequences of an event on `who`: counters, closing, promotion, timer. The caller keeps `who`
/// alive.
void dispatcher::settle(member& who, phase before) noexcept
{
    who.count_held();
    if (who.half_open && who.awaits_answer()) who.half_open->answered = true;
    parts_.counters.flights_repeated.add(who.take_repeats());
    if (who.take_refused_resumption()) parts_.counters.resumptions_refused.add();
    parts_.counters.messages_received.add(who.take_received());
    parts_.counters.datagrams_withheld.add(who.take_withheld());
    parts_.counters.moves_undone.add(who.take_undone());
    const bool was_session = before == phase::established || before == phase::closing;
    if (who.phase() == phase::closed) {
        if (before == phase::closed) return;
        return forget(who, was_session);
    }
    if (!was_session && who.phase() == phase::established) promote(who);
    if (!who.messages().empty()) parts_.listener.readable(who);
    reschedule(who);
}

/// Turns a finished handshake into the peer's session.
void dispatcher::promote(member& who) noexcept
{
    parts_.counters.handshakes_completed.add();
    auto& held = table_.find({who.path().local, who.path().peer})->second;
    const auto old = list(held, std::move(held.handshake));
    who.half_open.reset();
    keep_or_drop_id(who);
    who.roam_by(move_terms_);
    ++sessions_;
    // RFC 6347 4.2.8: the new association replaces the old one only now, after its Finished.
    if (old) {
        old->abandon(ending::replaced);
        wheel_.cancel(*old);
        occupancy_.remove(old->origin());
        --sessions_;
        count_end(parts_.counters, *old, true);
        parts_.listener.ended(*old, true);
    }
    update_gauges();
    parts_.listener.established(who);
}

/// Puts `who` into the slot of its address. Returns the session that thereby becomes unreachable, or null. A
/// session with a connection id needs no slot. Its peer may be a different host that used this address before
/// (RFC 9146 6).
std::shared_ptr<member> dispatcher::list(slot& held, std::shared_ptr<member> who) noexcept
{
    auto old = std::exchange(held.session, std::move(who));
    return old && !old->has_id() ? old : nullptr;
}

void dispatcher::give_up(member& who, ending why) noexcept
{
    const auto keep = who.shared_from_this();
    const auto before = who.phase();
    who.abandon(why);
    settle(who, before);
}

void dispatcher::forget(member& who, bool was_session) noexcept
{
    unplace(who, who.path());
    ids_.remove(who);
    wheel_.cancel(who);
    const bool in_steps = who.half_open && who.half_open->begun;
    const bool answered = who.half_open && who.half_open->answered;
    who.half_open.reset();
    occupancy_.remove(who.origin());
    if (was_session) --sessions_;
    const bool cut_short = who.why() == ending::handshake_failed ||
                           (who.why() == ending::handshake_timeout && who.was_alerted());
    if (who.proven && answered && cut_short) spent_.add(who.path(), who.made_by);
    count_end(parts_.counters, who, was_session);
    update_gauges();
    // A challenged handshake never started, so the listener gets no call. There are two exceptions: an
    // attempt that the application holds, and a handshake that has already been passed to a worker.
    if (who.why() != ending::challenged || who.owner || in_steps) parts_.listener.ended(who, was_session);
}

/// Moves a timer only to an earlier time. A timer that fires too early is scheduled again, so an active
/// session does not move in the wheel with each record.
void dispatcher::reschedule(member& who) noexcept
{
    const auto wake = std::min(who.next_wake(), end_of_silence(who));
    if (!who.scheduled() || wake < who.due()) wheel_.schedule(who, wake);
}

const dispatcher::slot* dispatcher::find(const wire::path& path) const noexcept
{
    const auto found = table_.find({path.local, path.peer});
    return found == table_.end() ? nullptr : &found->second;
}

void dispatcher::update_gauges() noexcept
{
    parts_.counters.associations.set(occupancy_.size());
    parts_.counters.half_open.set(half_open());
    parts_.counters.sessions.set(sessions_);
    occupancy_.note_in_use();
}

}  // namespace quivive::dispatch
