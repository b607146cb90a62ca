#include "dispatch/dispatcher.hpp"

#include "gate/build.hpp"
#include "wire/alert.hpp"

#include <algorithm>
#include <new>
#include <variant>

namespace quivive::dispatch {

using sessions::ending;

decision dispatcher::route(const wire::path& path, wire::bytes datagram, time_point now,
                           wire::outbox& out) noexcept
{
    auto& counters = parts_.counters;
    counters.received.add();
    counters.received_bytes.add(datagram.size());
    const auto decided = decide(path, datagram, now, out);
    switch (decided.verdict) {
        case verdict::delivered:
            counters.delivered.add();
            break;
        case verdict::answered:
            counters.answered.add();
            break;
        case verdict::dropped:
            counters.dropped.note(decided.reason);
            break;
    }
    return decided;
}

/// The order of src/README.md: cheapest first. Noise costs no HMAC; a wrong cookie costs one for each
/// live key; neither makes a session.
decision dispatcher::decide(const wire::path& path, wire::bytes datagram, time_point now,
                            wire::outbox& out) noexcept
{
    if (datagram.empty()) return decision::dropped(drop_reason::empty_datagram);
    const auto first = wire::record_cutter{datagram, parts_.ids.codec.length()}.next();
    if (const auto* reason = std::get_if<drop_reason>(&first)) return decision::dropped(*reason);
    const auto& record = std::get<wire::record_view>(first);

    const bool has_id = record.is(wire::content_type::tls12_cid);
    if (has_id ? ids_.find(record.connection_id) != nullptr : find(path) != nullptr)
        return to_known(path, datagram, now, out);
    if (has_id) return decision::dropped(drop_reason::unknown_connection_id);

    const auto read = wire::read_client_hello(record);
    if (const auto* reason = std::get_if<drop_reason>(&read)) return decision::dropped(*reason);
    return meet(path, std::get<wire::client_hello_view>(read), datagram, now, out);
}

/// A ClientHello of nobody we know, or of a peer that begins anew: policy and cookie, limits, the
/// application.
decision dispatcher::meet(const wire::path& path, const wire::client_hello_view& hello, wire::bytes datagram,
                          time_point now, wire::outbox& out) noexcept
{
    if (stopping_) return decision::dropped(drop_reason::stopping);

    const auto judged = parts_.gate.judge(hello, path, load_.load().high, now);
    if (judged.kind == gate::judgement::drop) return decision::dropped(judged.reason);
    if (!parts_.terms.context->has_common_version(hello)) return tell_version(path, hello, now, out);
    load_.hello(now);
    update_load(now);
    if (judged.kind == gate::judgement::challenge) return challenge(path, hello, now, out);
    if (judged.on_budget && !may_fit(hello, datagram)) return challenge(path, hello, now, out);
    if (parts_.workers && parts_.workers->full()) {
        if (judged.proven || !gate::can_challenge)
            return decision::dropped(drop_reason::handshake_queue_full);
        return challenge(path, hello, now, out);
    }

    if (const auto reached = find_limit(path, judged.proven, now)) return decision::dropped(*reached);

    const auto wanted = parts_.listener.admit(hello, path, judged.proven, load_.load());
    if (stopping_) return decision::dropped(drop_reason::stopping);  // since then
    switch (wanted) {
        case reception::shake_hands:
            return admit(path, hello, datagram, judged, false, now, out);
        case reception::offer:
            return admit(path, hello, datagram, judged, true, now, out);
        case reception::challenge:
            if (!judged.proven) return challenge(path, hello, now, out);
            return admit(path, hello, datagram, judged, false, now, out);
        case reception::queue_full:
            return decision::dropped(drop_reason::accept_queue_full);
        case reception::refuse:
            break;
    }
    return decision::dropped(drop_reason::refused_by_policy);
}

decision dispatcher::challenge(const wire::path& path, const wire::client_hello_view& hello, time_point now,
                               wire::outbox& out) noexcept
{
    tls::hello_verify_request answer;
    if (!parts_.gate.challenge(hello, path, now, answer))
        return decision::dropped(drop_reason::challenge_failed);
    out.send(path, answer);
    return {verdict::answered, {}};
}

/// RFC 5246 E.1: a protocol_version alert for one with which no handshake can come to anything, and who would
/// take a HelloVerifyRequest of DTLS 1.2 for nothing at all. Nobody is asked for a cookie first: it costs no
/// more than that, and is shorter. But it might end the handshake of an honest peer of that address, were it
/// forged.
decision dispatcher::tell_version(const wire::path& path, const wire::client_hello_view& hello,
                                  time_point now, wire::outbox& out) noexcept
{
    const auto rate = parts_.terms.limits->version_alerts_per_second;
    const auto* known = find(path);
    const bool at_work = known && known->handshake;
    if (at_work || rate == 0 || !version_alerts_.take(now, rate, duration{std::chrono::seconds{1}} / rate))
        return decision::dropped(drop_reason::unsupported_version);
    out.send(path, wire::make_fatal_alert(hello.record_version, hello.record_sequence,
                                          wire::alert_description::protocol_version));
    parts_.counters.version_alerts.add();
    return {verdict::answered, {}};
}

std::optional<drop_reason> dispatcher::find_limit(const wire::path& path, bool proven,
                                                  time_point now) const noexcept
{
    const auto& limits = *parts_.terms.limits;
    const auto* known = find(path);
    if (known && known->handshake) {
        // The newcomer takes the place of its own older handshake. Who has not proven the address may be
        // anyone and must leave a young one alone.
        const bool young = now < known->handshake->since() + limits.half_open_grace;
        if (!proven && young) return drop_reason::handshake_in_progress;
        return std::nullopt;
    }
    if (members_ >= limits.max_sessions) return drop_reason::session_limit;
    if (half_open_.of_source(path.peer) >= limits.max_half_open_per_source)
        return drop_reason::source_half_open_limit;
    if (half_open_.size() >= limits.max_half_open) {
        const auto* oldest = half_open_.oldest();
        if (!oldest || now < oldest->since() + limits.half_open_grace) return drop_reason::half_open_limit;
    }
    return std::nullopt;
}

/// Only here are memory and GnuTLS spent on a peer.
decision dispatcher::admit(const wire::path& path, const wire::client_hello_view& hello, wire::bytes datagram,
                           const gate::verdict& judged, bool offer, time_point now,
                           wire::outbox& out) noexcept
try {
    const auto& limits = parts_.terms.limits;
    if (const auto* known = find(path); known && known->handshake)
        give_up(*known->handshake, ending::displaced);
    else if (half_open_.size() >= limits->max_half_open && half_open_.oldest())
        give_up(*half_open_.oldest(), ending::displaced);

    const auto who = std::make_shared<member>(path, limits, pool_, now);
    who->made_by = mark_of(hello.random);
    who->proven = judged.proven;
    who->half_open = std::make_unique<member::beginning>(member::beginning{
        half_open_.take(*who, path.peer),
        {hello.record_sequence, hello.message_seq},
        {},
    });
    // For the application's answer, or for a challenge, should the flight turn out to be too long later.
    if (offer || (judged.on_budget && (parts_.workers || !hello.whole)))
        who->half_open->hello.assign(datagram.begin(), datagram.end());
    if (judged.on_budget) {
        auto& doubt = who->half_open->in_doubt.emplace(member::doubt{});
        doubt.allowance.received(datagram.size());
        doubt.heard = now;
    }
    if (gets_id(hello, path)) give_id(*who);
    try {
        table_[{path.local, path.peer}].handshake = who;
    } catch (const std::bad_alloc&) {
        ids_.remove(*who);
        throw;
    }
    ++members_;
    update_gauges();

    if (offer) {
        reschedule(*who);
        parts_.listener.offered(*who, hello);
    } else {
        try {
            shake_hands(*who, datagram, now, out);
        } catch (const std::exception&) {
            give_up(*who, ending::handshake_failed);
        }
        if (who->in_doubt() && who->in_doubt()->too_long) return challenge_instead(*who, datagram, now, out);
    }
    (judged.proven ? parts_.counters.cookies_proven : parts_.counters.admitted_unproven).add();
    return {verdict::delivered, {}};
} catch (const std::exception&) {  // no memory, or no randomness
    return decision::dropped(drop_reason::session_limit);
}

void dispatcher::update_load(time_point now) noexcept
{
    const bool changed = load_.update(half_open_.size(), now);
    const auto& load = load_.load();
    parts_.counters.hellos_per_second.set(load.hellos_per_second);
    parts_.counters.handshake_cpu_percent.set(load.handshake_cpu_percent);
    if (!changed) return;
    parts_.counters.load_high.set(load.high ? 1 : 0);
    parts_.counters.load_changes.add();
    parts_.listener.load_changed(load);
}

}  // namespace quivive::dispatch
