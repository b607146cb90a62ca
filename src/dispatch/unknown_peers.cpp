#include "dispatch/dispatcher.hpp"

#include "gate/build.hpp"
#include "wire/alert.hpp"

#include <new>
#include <variant>

namespace quivive::dispatch {

using sessions::close_reason;

decision dispatcher::route(const wire::path& path, wire::bytes datagram, time_point now,
                           wire::outbox& out) noexcept
{
    auto& counters = dependencies_.counters;
    counters.received.add();
    counters.received_bytes.add(datagram.size());
    const auto decided = decide(path, datagram, now, out);
    switch (decided.disposition) {
        case disposition::delivered:
            counters.delivered.add();
            break;
        case disposition::answered:
            counters.answered.add();
            break;
        case disposition::dropped:
            counters.dropped.note(decided.reason);
            break;
    }
    return decided;
}

/// Checks in the order of src/README.md, cheapest first. Noise costs no HMAC. A wrong cookie costs one HMAC
/// for each live key. Neither creates a session.
decision dispatcher::decide(const wire::path& path, wire::bytes datagram, time_point now,
                            wire::outbox& out) noexcept
{
    if (datagram.empty()) return decision::dropped(drop_reason::empty_datagram);
    const auto first = wire::record_cutter{datagram, dependencies_.ids.codec.length()}.next();
    if (const auto* reason = std::get_if<drop_reason>(&first)) return decision::dropped(*reason);
    const auto& record = std::get<wire::record_view>(first);

    const bool has_id = record.is(wire::content_type::tls12_cid);
    if (has_id ? ids_.find(record.connection_id) != nullptr : find(path) != nullptr)
        return route_known_peer(path, datagram, now, out);
    if (has_id) return decision::dropped(drop_reason::unknown_connection_id);

    const auto read = wire::read_client_hello(record);
    if (const auto* reason = std::get_if<drop_reason>(&read)) return decision::dropped(*reason);
    return on_client_hello(path, std::get<wire::client_hello_view>(read), datagram, now, out);
}

/// Handles a ClientHello of an unknown peer, or of one that starts again. Applies policy and cookie first,
/// then limits, then the application's decision.
decision dispatcher::on_client_hello(const wire::path& path, const wire::client_hello_view& hello,
                                     wire::bytes datagram, time_point now, wire::outbox& out) noexcept
{
    if (stopping_) return decision::dropped(drop_reason::stopping);

    const auto verdict = dependencies_.gate.evaluate(hello, path, load_.load().high, now);
    if (verdict.kind == gate::action::drop) return decision::dropped(verdict.reason);
    if (!dependencies_.config.context->has_common_version(hello))
        return send_version_alert(path, hello, now, out);
    if (replaced_hellos_.has(path, digest_of(hello.random)))
        return decision::dropped(drop_reason::stale_client_hello);
    load_.hello(now);
    update_load(now);
    if (verdict.kind == gate::action::challenge) return challenge(path, hello, now, out);
    if (verdict.amplification_limited && !may_fit(hello, datagram)) return challenge(path, hello, now, out);

    // Without capacity, an unvalidated peer is challenged: with the cookie it comes back validated.
    const auto challenge_or_drop = [&](drop_reason full) {
        return verdict.amplification_limited ? challenge(path, hello, now, out) : decision::dropped(full);
    };
    const auto which = validation_of(verdict);
    if (dependencies_.workers && dependencies_.workers->full(which)) {
        // A peer in a trusted network is challenged too: there may be capacity when it returns.
        if (!verdict.validated && gate::can_challenge) return challenge(path, hello, now, out);
        return decision::dropped(drop_reason::handshake_queue_full);
    }
    const auto found = find_capacity(path, which, now);
    if (found.full) {
        if (found.share && !verdict.amplification_limited)
            dependencies_.listener.share_reached(path.peer, *found.share);
        return challenge_or_drop(*found.full);
    }

    const auto wanted = dependencies_.listener.admit(hello, path, verdict, load_.load());
    if (stopping_) return decision::dropped(drop_reason::stopping);  // `admit` may have stopped the server
    switch (wanted) {
        case admission_action::accept:
            return admit(path, hello, datagram, verdict, false, found, now, out);
        case admission_action::offer:
            return admit(path, hello, datagram, verdict, true, found, now, out);
        case admission_action::challenge:
            if (!verdict.validated) return challenge(path, hello, now, out);
            return admit(path, hello, datagram, verdict, false, found, now, out);
        case admission_action::queue_full:
            // The peer has abandoned its own earlier attempt, which leaves its place in the queue.
            if (found.displaced && found.displaced->path() == path &&
                found.displaced->phase() == sessions::phase::offered)
                return admit(path, hello, datagram, verdict, true, found, now, out);
            return challenge_or_drop(drop_reason::accept_queue_full);
        case admission_action::refuse:
            break;
    }
    return decision::dropped(drop_reason::refused_by_policy);
}

decision dispatcher::challenge(const wire::path& path, const wire::client_hello_view& hello, time_point now,
                               wire::outbox& out) noexcept
{
    tls::hello_verify_request answer;
    if (!dependencies_.gate.challenge(hello, path, now, answer))
        return decision::dropped(drop_reason::challenge_failed);
    // RFC 9000 8: everything sent to an unvalidated address counts against its amplification limit.
    const auto unvalidated = find_unvalidated(path);
    if (unvalidated && !limiter_of(*unvalidated).take(answer.size()))
        return decision::dropped(drop_reason::handshake_in_progress);
    out.send(path, answer);
    return {disposition::answered, {}};
}

/// RFC 5246 E.1: sends a protocol_version alert to a client without a common version. A HelloVerifyRequest of
/// DTLS 1.2 would be of no use to it. No cookie is needed first: the alert costs no more than a challenge and
/// is shorter. No alert is sent while a handshake with this address is in progress. Otherwise a forged hello
/// could abort the handshake of an honest peer.
decision dispatcher::send_version_alert(const wire::path& path, const wire::client_hello_view& hello,
                                        time_point now, wire::outbox& out) noexcept
{
    const auto rate = dependencies_.config.limits->version_alerts_per_second;
    const auto* known = find(path);
    const bool has_handshake = known && known->handshake;
    if (has_handshake || rate == 0 ||
        !version_alerts_.take(now, rate, duration{std::chrono::seconds{1}} / rate))
        return decision::dropped(drop_reason::unsupported_version);
    out.send(path, wire::make_fatal_alert(hello.record_version, hello.record_sequence,
                                          wire::alert_description::protocol_version));
    dependencies_.counters.version_alerts.add();
    return {disposition::answered, {}};
}

/// Finds capacity for a new handshake. A validated one replaces an unfinished handshake of the same peer.
capacity dispatcher::find_capacity(const wire::path& path, validation which, time_point now) const noexcept
{
    const auto* known = find(path);
    if (known && which != validation::validated) return {drop_reason::handshake_in_progress};
    if (known && known->handshake) return {{}, known->handshake};
    const bool replaces = known && known->session && !known->session->has_id();
    return occupancy_.find_capacity({path.peer, which, replaces}, *dependencies_.config.limits, now);
}

/// Only this function spends memory and GnuTLS work on a peer.
decision dispatcher::admit(const wire::path& path, const wire::client_hello_view& hello, wire::bytes datagram,
                           const gate::verdict& verdict, bool offer, const capacity& found, time_point now,
                           wire::outbox& out) noexcept
try {
    const auto connection =
        std::make_shared<dispatch::connection>(path, dependencies_.config.limits, pool_, now);
    connection->client_random = digest_of(hello.random);
    connection->validated = verdict.validated;
    connection->pending = std::make_unique<dispatch::connection::pending_handshake>(
        occupancy_, *connection, validation_of(verdict),
        tls::prestate{hello.record_sequence, hello.message_seq});
    // For the application's decision, or for a challenge if the flight exceeds the limit.
    if (offer || verdict.amplification_limited)
        connection->pending->buffer_hello(offer ? datagram : hello.record);
    if (verdict.amplification_limited) {
        connection->pending->unvalidated = std::make_unique<dispatch::connection::unvalidated_state>();
        connection->unvalidated()->limiter.received(datagram.size());
        connection->unvalidated()->last_received = now;
    }
    insert(connection, assigns_id(hello, path), found.displaced);

    if (offer) {
        reschedule(*connection);
        dependencies_.listener.offered(*connection, hello);
    } else {
        try {
            begin_handshake(*connection, datagram, now, out);
        } catch (const std::exception&) {
            abort(*connection, close_reason::handshake_failed);
        }
        if (connection->unvalidated() && connection->unvalidated()->exceeds_limit)
            return challenge_instead(*connection, now, out);
    }
    (verdict.validated ? dependencies_.counters.cookies_proven : dependencies_.counters.admitted_unproven)
        .add();
    return {disposition::delivered, {}};
} catch (const std::exception&) {  // out of memory, or no randomness
    return decision::dropped(drop_reason::session_limit);
}

/// Adds the handshake to the table, in the place of `displaced` if there is one. That may be a handshake of
/// the same client, which has started again. May throw std::bad_alloc, without effect.
void dispatcher::insert(const std::shared_ptr<dispatch::connection>& connection, bool with_id,
                        const std::shared_ptr<dispatch::connection>& displaced)
{
    const auto& path = connection->path();
    const bool replaces_hello =
        displaced && displaced->path() == path && displaced->client_random != connection->client_random;
    occupancy_.add(path.peer);
    try {
        if (with_id) assign_id(*connection);
        table_[{path.local, path.peer}].handshake = connection;
    } catch (...) {
        occupancy_.remove(path.peer);
        ids_.remove(*connection);
        throw;
    }
    if (replaces_hello) replaced_hellos_.add(path, displaced->client_random);
    if (displaced) abort(*displaced, close_reason::displaced);
    connection->count_held();
    update_gauges();
}

void dispatcher::update_load(time_point now) noexcept
{
    const bool changed = load_.update(half_open(), now);
    const auto& load = load_.load();
    dependencies_.counters.hellos_per_second.set(load.hellos_per_second);
    dependencies_.counters.handshake_cpu_percent.set(load.handshake_cpu_percent);
    if (!changed) return;
    dependencies_.counters.load_high.set(load.high ? 1 : 0);
    dependencies_.counters.load_changes.add();
    dependencies_.listener.load_changed(load);
}

}  // namespace quivive::dispatch
