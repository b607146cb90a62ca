#include "session/association.hpp"

#include <algorithm>

namespace quivive::sessions {

association::association(const wire::path& path, std::shared_ptr<const quivive::limits> limits,
                         std::shared_ptr<message_pool> pool, time_point now) noexcept
    : path_{path},
      limits_{std::move(limits)},
      messages_{std::move(pool)},
      since_{now},
      deadline_{now + limits_->handshake_timeout},
      last_activity_{now}
{
}

void association::begin(std::unique_ptr<tls::handshake> handshake, time_point now) noexcept
{
    handshake_ = std::move(handshake);
    phase_ = phase::handshaking;
    deadline_ = now + limits_->handshake_timeout;
    // A client's handshake may have failed before its first flight. Nothing will arrive then, so it fails at
    // once.
    if (handshake_->status() == tls::handshake_status::failed) abort_handshake();
}

record_result association::on_record(const wire::record_view& record, const wire::path& via, time_point now,
                                     wire::outbox& out) noexcept
{
    switch (phase_) {
        case phase::offered:
            return record_result::taken();  // a retransmission of the offered hello
        case phase::handshaking:
            return feed_handshake(record, now, out);
        case phase::established:
        case phase::closing:
            return open(record, via, now, out);
        case phase::closed:
            break;
    }
    return record_result::dropped(drop_reason::session_closing);
}

record_result association::feed_handshake(const wire::record_view& record, time_point now,
                                          wire::outbox& out) noexcept
{
    const auto fed = handshake_->feed(record, now, out);
    note_progress(fed.plaintext_fatal_alert, now, out);
    return fed.consumed ? record_result::taken() : record_result::dropped(fed.reason);
}

void association::reattach_handshake(std::unique_ptr<tls::handshake> handshake, bool alerted, time_point now,
                                     wire::outbox& out) noexcept
{
    handshake_ = std::move(handshake);
    note_progress(alerted, now, out);
}

void association::note_progress(bool alerted, time_point now, wire::outbox& out) noexcept
{
    note_counts();
    if (alerted) {
        // Anyone can send an unencrypted alert (RFC 6347 4.1.2.7), so it does not end the handshake. The
        // deadline is shortened, so that a peer that really aborted does not keep the memory of its handshake
        // for the whole timeout.
        alerted_ = true;
        deadline_ = std::min(deadline_, now + limits_->alerted_handshake_grace);
    }
    switch (handshake_->status()) {
        case tls::handshake_status::in_progress:
            break;
        case tls::handshake_status::done:
            establish(now, out);
            break;
        case tls::handshake_status::failed:
            abort_handshake();
            break;
    }
}

void association::abort_handshake() noexcept
{
    note_failure(handshake_->error());
    if (handshake_->error() == errc::wrong_key) note_claims();
    enter_closed(close_reason::handshake_failed);
}

void association::note_claims() noexcept
try {
    facts_ = std::make_unique<tls::handshake_facts>(handshake_->facts());
} catch (const std::exception&) {  // the peer's claims are then not reported
}

void association::establish(time_point now, wire::outbox& out) noexcept
try {
    facts_ = std::make_unique<tls::handshake_facts>(handshake_->facts());
    const auto early = handshake_->take_early_records();
    protection_ = handshake_->take_protection();
    if (auto flight = handshake_->take_last_flight(); !flight.empty()) {
        keep_last_flight(std::move(flight));
        last_flight_->repeatable.sent(now);
    }
    handshake_.reset();

    phase_ = phase::established;
    max_message_size_ = static_cast<std::uint16_t>(protection_->max_message_size());
    since_ = last_activity_ = now;
    deadline_ = last_flight_ ? now + limits_->last_flight_kept : no_deadline;

    begin_path_validation();
    const auto* const ids = protection_->ids();
    const auto id_size = ids ? ids->own.size() : 0;
    for (const auto& whole : early) {
        const auto record = wire::first_record(whole, id_size);
        if (record && phase_ == phase::established) (void)open(*record, path_, now, out);
    }
} catch (const std::exception&) {
    note_failure(make_error_code(errc::handshake_failed));
    enter_closed(close_reason::handshake_failed);  // out of memory: affects this session only
}

void association::keep_last_flight(tls::flight last)
{
    last_flight_ = std::make_unique<kept_flight>(
        kept_flight{std::move(last), {limits_->repeat_interval, limits_->repeat_burst}});
}

void association::on_timer(time_point now, wire::outbox& out) noexcept
{
    switch (phase_) {
        case phase::offered:
        case phase::handshaking:
            if (now >= deadline_) return enter_closed(close_reason::handshake_timeout);
            if (handshake_ && now >= handshake_->next_wake()) {
                handshake_->on_timer(now, out);
                note_counts();
            }
            break;
        case phase::established:
            if (now >= deadline_) {
                last_flight_.reset();
                deadline_ = no_deadline;
            }
            if (path_validator_ && !path_validator_->revert_unanswered(path_, now)) challenge_path(now, out);
            if (now >= idle_deadline()) close_now(close_reason::idle_timeout, now, out);
            break;
        case phase::closing:
            if (now >= deadline_) enter_closed(close_reason_);
            break;
        case phase::closed:
            break;
    }
}

time_point association::next_wake() const noexcept
{
    switch (phase_) {
        case phase::offered:
        case phase::closing:
            return deadline_;
        case phase::handshaking:
            return handshake_ ? std::min(deadline_, handshake_->next_wake()) : deadline_;
        case phase::established:
            return std::min(
                {deadline_, idle_deadline(), path_validator_ ? path_validator_->next_wake() : no_deadline});
        case phase::closed:
            break;
    }
    return no_deadline;
}

void association::close(sessions::close_reason why, time_point now, wire::outbox& out) noexcept
{
    if (phase_ != phase::established) {
        if (phase_ != phase::closing && phase_ != phase::closed) enter_closed(why);
        return;
    }
    notify_peer(now, out);
    phase_ = phase::closing;
    close_reason_ = why;
    deadline_ = now + limits_->close_timeout;
    last_flight_.reset();
}

void association::close_now(sessions::close_reason why, time_point now, wire::outbox& out) noexcept
{
    if (phase_ == phase::closed) return;
    if (phase_ == phase::established) notify_peer(now, out);
    enter_closed(phase_ == phase::closing ? close_reason_ : why);
}

void association::abort(sessions::close_reason why) noexcept
{
    if (phase_ != phase::closed) enter_closed(why);
}

std::optional<tls::handshake_facts> association::take_facts() noexcept
{
    if (!facts_) return std::nullopt;
    return std::move(*std::exchange(facts_, nullptr));
}

void association::enter_closed(sessions::close_reason why) noexcept
{
    phase_ = phase::closed;
    close_reason_ = why;
    deadline_ = no_deadline;
    handshake_.reset();
    protection_.reset();
    last_flight_.reset();
}

time_point association::idle_deadline() const noexcept
{
    return limits_->idle_timeout.count() > 0 ? last_activity_ + limits_->idle_timeout : no_deadline;
}

}  // namespace quivive::sessions
