#include "dispatch/dispatcher.hpp"

#include "dispatch/close_counters.hpp"
#include "wire/alert.hpp"

#include <new>
#include <utility>

namespace quivive::dispatch {

using sessions::close_reason;
using sessions::phase;

dispatcher::dispatcher(dependencies given, time_point start)
    : dependencies_{std::move(given)},
      load_{dependencies_.config.load, dependencies_.config.limits->max_half_open, start},
      wheel_{start},
      occupancy_{dependencies_.key, *dependencies_.config.limits, dependencies_.config.moves},
      replaced_hellos_{dependencies_.key},
      pool_{std::make_shared<sessions::message_pool>(dependencies_.config.limits->receive_queue_bytes_total)},
      move_config_{std::make_shared<sessions::move_config>(
          dependencies_.config.moves, dependencies_.config.limits->unvalidated_bytes_per_second_total)},
      table_{0, peer_hash{dependencies_.key}}
{
}

dispatcher::~dispatcher()
{
    for_each_connection([this](connection& connection) {
        wheel_.cancel(connection);
        connection.pending.reset();
        connection.abort(close_reason::server_stopped);
    });
}

void dispatcher::drop(std::size_t bytes, drop_reason reason) noexcept
{
    dependencies_.counters.received.add();
    dependencies_.counters.received_bytes.add(bytes);
    dependencies_.counters.dropped.note(reason);
}

void dispatcher::advance(time_point now, wire::outbox& out, std::size_t most) noexcept
{
    wheel_.advance(now, most, [&](wheel_timer& timer) {
        auto& connection = static_cast<dispatch::connection&>(timer);
        const auto keep = connection.shared_from_this();
        if (now >= end_of_response_time(connection))
            return abort(connection, close_reason::handshake_timeout);
        const auto before = connection.phase();
        const auto was_at = connection.path();
        within_amplification_limit(connection, out,
                                   [&](wire::outbox& allowed) { connection.on_timer(now, allowed); });
        note_move(connection, was_at);
        apply_transition(connection, before);
    });
    update_load(now);
}

void dispatcher::use(connection_config changed) noexcept
{
    dependencies_.config = std::move(changed);
    pool_->limit(dependencies_.config.limits->receive_queue_bytes_total);
    move_config_->use(dependencies_.config.moves,
                      dependencies_.config.limits->unvalidated_bytes_per_second_total);
    load_.use(dependencies_.config.load, dependencies_.config.limits->max_half_open);
    occupancy_.use(*dependencies_.config.limits, dependencies_.config.moves, [this](auto count) {
        for_each_connection([&](connection& connection) { count(connection.origin()); });
    });
}

bool dispatcher::accept(connection& connection, time_point now, wire::outbox& out) noexcept
try {
    if (connection.phase() != phase::offered) return false;
    const auto keep = connection.shared_from_this();
    const auto datagram = std::exchange(connection.pending->hello, {});
    if (const auto first = wire::first_record(datagram); first && connection.unvalidated())
        connection.pending->buffer_hello(first->whole);  // kept until the size of the flight is checked
    connection.count_held();
    begin_handshake(connection, datagram, now, out);
    if (connection.unvalidated() && connection.unvalidated()->exceeds_limit)
        challenge_instead(connection, now, out);
    return true;
} catch (const std::exception&) {
    abort(connection, close_reason::handshake_failed);
    return false;
}

void dispatcher::refuse(connection& connection, bool send_alert, wire::outbox& out) noexcept
{
    if (connection.phase() != phase::offered && connection.phase() != phase::handshaking) return;
    if (send_alert && connection.phase() == phase::offered) {
        const auto alert = wire::make_fatal_alert(wire::dtls_1_2, connection.pending->start.record_sequence,
                                                  wire::alert_description::access_denied);
        within_amplification_limit(connection, out,
                                   [&](wire::outbox& allowed) { allowed.send(connection.path(), alert); });
    }
    abort(connection, close_reason::refused);
}

void dispatcher::displace(connection& connection) noexcept
{
    if (connection.phase() == phase::offered) abort(connection, close_reason::displaced);
}

record::sealed dispatcher::send(connection& connection, wire::bytes message, time_point now,
                                wire::outbox& out) noexcept
{
    const auto sealed = connection.send(message, now, out);
    if (sealed == record::sealed::sent) dependencies_.counters.messages_sent.add();
    if (sealed == record::sealed::exhausted)
        close_now(connection, close_reason::sequence_exhausted, now, out);
    return sealed;
}

void dispatcher::close(connection& connection, close_reason why, time_point now, wire::outbox& out) noexcept
{
    const auto keep = connection.shared_from_this();
    const auto before = connection.phase();
    connection.close(why, now, out);
    apply_transition(connection, before);
}

void dispatcher::close_now(connection& connection, close_reason why, time_point now,
                           wire::outbox& out) noexcept
{
    const auto keep = connection.shared_from_this();
    const auto before = connection.phase();
    connection.close_now(why, now, out);
    apply_transition(connection, before);
}

void dispatcher::close_all(close_reason why, time_point now, wire::outbox& out) noexcept
{
    while (!table_.empty()) {
        const auto held = table_.begin()->second;
        for (const auto& connection : {held.session, held.handshake})
            if (connection) close_now(*connection, why, now, out);
    }
    while (!ids_.empty()) close_now(*ids_.any(), why, now, out);
}

void dispatcher::abort_owners() noexcept
{
    for_each_connection([](connection& connection) {
        if (connection.owner) std::exchange(connection.owner, nullptr)->abort();
    });
}

void dispatcher::begin_handshake(connection& connection, wire::bytes datagram, time_point now,
                                 wire::outbox& out)
{
    dependencies_.work.begin();
    const auto& config = dependencies_.config;
    const bool is_limited = connection.unvalidated() != nullptr;
    auto settings = config.handshakes;
    if (!connection.id.empty()) settings.connection_id = connection.id;
    connection.begin(
        tls::make_server_handshake(config.context, settings, connection.pending->start, connection.path()),
        now);
    load_.add_work(dependencies_.work.end(), now);
    for (wire::record_cutter cutter{datagram, dependencies_.ids.codec.length()}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record || connection.phase() == phase::closed) break;
        if (const auto what = feed_connection(connection, *record, connection.path(), now, out);
            !what.consumed)
            dependencies_.counters.discarded.note(what.reason);
    }
    begin_next_step(now, out);
    if (!is_limited) dependencies_.counters.handshakes_started.add();  // otherwise `flush` counts it
}

/// Applies the consequences of an event on a connection: counters, promotion, removal, timer. The caller
/// keeps the connection alive.
void dispatcher::apply_transition(connection& connection, phase before) noexcept
{
    connection.count_held();
    if (connection.pending && connection.awaits_response()) connection.pending->flight_sent = true;
    dependencies_.counters.flights_repeated.add(connection.take_retransmissions());
    if (connection.take_refused_resumption()) dependencies_.counters.resumptions_refused.add();
    dependencies_.counters.messages_received.add(connection.take_received());
    dependencies_.counters.datagrams_withheld.add(connection.take_withheld());
    dependencies_.counters.moves_undone.add(connection.take_undone());
    const bool was_session = before == phase::established || before == phase::closing;
    if (connection.phase() == phase::closed) {
        if (before == phase::closed) return;
        return remove(connection, was_session);
    }
    if (!was_session && connection.phase() == phase::established) promote(connection);
    if (!connection.messages().empty()) dependencies_.listener.readable(connection);
    reschedule(connection);
}

/// Turns a finished handshake into the peer's session.
void dispatcher::promote(connection& connection) noexcept
{
    dependencies_.counters.handshakes_completed.add();
    auto& held = table_.find({connection.path().local, connection.path().peer})->second;
    const auto old = replace_session(held, std::move(held.handshake));
    connection.pending.reset();
    confirm_or_remove_id(connection);
    connection.use_move_config(move_config_);
    ++sessions_;
    // RFC 6347 4.2.8: the new association replaces the old one only now, after its Finished.
    if (old) {
        old->abort(close_reason::replaced);
        wheel_.cancel(*old);
        occupancy_.remove(old->origin());
        --sessions_;
        count_close(dependencies_.counters, *old, true);
        dependencies_.listener.ended(*old, true);
    }
    update_gauges();
    dependencies_.listener.established(connection);
}

/// Puts `connection` into the slot of its address. Returns the former session if it is now unreachable,
/// otherwise null. A session with a connection id needs no slot. Its peer may be a different host that used
/// this address before (RFC 9146 6).
std::shared_ptr<connection> dispatcher::replace_session(slot& held,
                                                        std::shared_ptr<connection> connection) noexcept
{
    auto old = std::exchange(held.session, std::move(connection));
    return old && !old->has_id() ? old : nullptr;
}

void dispatcher::abort(connection& connection, close_reason why) noexcept
{
    const auto keep = connection.shared_from_this();
    const auto before = connection.phase();
    connection.abort(why);
    apply_transition(connection, before);
}

void dispatcher::remove(connection& connection, bool was_session) noexcept
{
    unindex(connection, connection.path());
    ids_.remove(connection);
    wheel_.cancel(connection);
    const bool in_steps = connection.pending && connection.pending->begun;
    const bool answered = connection.pending && connection.pending->flight_sent;
    connection.pending.reset();
    occupancy_.remove(connection.origin());
    if (was_session) --sessions_;
    const bool cut_short =
        connection.close_reason() == close_reason::handshake_failed ||
        (connection.close_reason() == close_reason::handshake_timeout && connection.was_alerted());
    if (connection.validated && answered && cut_short)
        replaced_hellos_.add(connection.path(), connection.client_random);
    count_close(dependencies_.counters, connection, was_session);
    update_gauges();
    // A challenged handshake never started, so the listener gets no call. There are two exceptions: an
    // attempt that the application holds, and a handshake that has already been passed to a worker.
    if (connection.close_reason() != close_reason::challenged || connection.owner || in_steps)
        dependencies_.listener.ended(connection, was_session);
}

/// Moves a timer only to an earlier time. A timer that fires too early is scheduled again, so an active
/// session does not move in the wheel with each record.
void dispatcher::reschedule(connection& connection) noexcept
{
    const auto wake = std::min(connection.next_wake(), end_of_response_time(connection));
    if (!connection.scheduled() || wake < connection.due()) wheel_.schedule(connection, wake);
}

const dispatcher::slot* dispatcher::find(const wire::path& path) const noexcept
{
    const auto found = table_.find({path.local, path.peer});
    return found == table_.end() ? nullptr : &found->second;
}

void dispatcher::update_gauges() noexcept
{
    dependencies_.counters.associations.set(occupancy_.size());
    dependencies_.counters.half_open.set(half_open());
    dependencies_.counters.sessions.set(sessions_);
    occupancy_.note_in_use();
}

}  // namespace quivive::dispatch
