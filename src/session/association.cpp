#include "session/association.hpp"

#include <algorithm>
#include <chrono>
#include <variant>

namespace quivive::sessions {

namespace {

/// Three repeats of a peer that begins with one second and doubles it (RFC 6347 4.2.4.1).
constexpr std::chrono::seconds last_flight_after_data{10};

}  // namespace

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
}

outcome association::on_record(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
{
    switch (phase_) {
        case phase::offered:
            return outcome::taken();  // a repeat of the hello that waits for an answer
        case phase::handshaking:
            return shake_hands(record, now, out);
        case phase::established:
        case phase::closing:
            return open(record, now, out);
        case phase::closed:
            break;
    }
    return outcome::dropped(drop_reason::session_closing);
}

outcome association::shake_hands(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
{
    const auto fed = handshake_->feed(record, now, out);
    if (fed.plaintext_fatal_alert) {
        // Anyone can have sent it (RFC 6347 4.1.2.7), so it ends nothing; but a peer that really gave up
        // shall not hold the memory of a handshake for the whole time-out.
        deadline_ = std::min(deadline_, now + limits_->alerted_handshake_grace);
    }
    switch (handshake_->status()) {
        case tls::handshake_status::in_progress:
            break;
        case tls::handshake_status::done:
            establish(now, out);
            break;
        case tls::handshake_status::failed:
            handshake_error_ = handshake_->error();
            finish(ending::handshake_failed);
            break;
    }
    return fed.consumed ? outcome::taken() : outcome::dropped(fed.reason);
}

void association::establish(time_point now, wire::outbox& out) noexcept
try {
    facts_ = std::make_unique<tls::handshake_facts>(handshake_->facts());
    const auto early = handshake_->take_early_records();
    protection_ = handshake_->take_protection();
    if (auto flight = handshake_->take_last_flight(); !flight.empty()) {
        flight.shrink_to_fit();
        last_flight_ =
            std::make_unique<kept_flight>(kept_flight{std::move(flight), now + limits_->repeat_interval});
    }
    handshake_.reset();

    phase_ = phase::established;
    max_message_size_ = static_cast<std::uint32_t>(protection_->max_message_size());
    since_ = last_activity_ = now;
    deadline_ = last_flight_ ? now + limits_->last_flight_kept : no_deadline;

    for (const auto& whole : early) {
        const auto record = wire::first_record(whole);
        if (record && phase_ == phase::established) (void)open(*record, now, out);
    }
} catch (const std::exception&) {
    handshake_error_ = make_error_code(errc::handshake_failed);
    finish(ending::handshake_failed);  // out of memory: this session only
}

outcome association::open(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
{
    // RFC 6347 4.1.2.7: what cannot be authentic is dropped in silence and ends nothing.
    if (record.epoch == 0) return outcome::dropped(drop_reason::plaintext_on_session);
    if (record.epoch != 1) return outcome::dropped(drop_reason::bad_epoch);
    if (record.is(wire::content_type::change_cipher_spec) || record.is(wire::content_type::tls12_cid))
        return outcome::dropped(drop_reason::unexpected_record);
    if (record.payload.size() < protection_->min_payload())
        return outcome::dropped(drop_reason::short_record);

    auto plaintext = messages_.pool().take(record.payload.size());
    if (!plaintext) return outcome::dropped(drop_reason::receive_queue_full);
    const auto opened = protection_->open(record, plaintext->storage, path_, out);
    const auto result = act_on(opened, std::move(plaintext), now, out);
    if (protection_ && protection_->worn_out()) end(ending::sequence_exhausted, out);
    return result;
}

outcome association::act_on(record::opened opened, std::unique_ptr<message> plaintext, time_point now,
                            wire::outbox& out) noexcept
{
    using kind = record::opened_kind;
    if (opened.kind == kind::discarded) {
        messages_.pool().give_back(std::move(plaintext));
        return outcome::dropped(opened.reason);
    }
    last_activity_ = now;  // all below is authentic
    if (opened.kind == kind::message) {
        plaintext->size = opened.size;
        note_that_peer_is_through(now);
        return enqueue(std::move(plaintext));
    }
    messages_.pool().give_back(std::move(plaintext));
    switch (opened.kind) {
        case kind::close_notify:
            if (phase_ == phase::established) tell_peer(out);  // RFC 5246 7.2.1: answered in kind
            finish(phase_ == phase::closing ? why_ : ending::peer_closed);
            break;
        case kind::fatal_alert:
            finish(phase_ == phase::closing ? why_ : ending::peer_alert);
            break;
        case kind::repeated_finished:
            repeat_last_flight(now, out);
            break;
        default:
            break;  // a warning; a renegotiation, already refused
    }
    return outcome::taken();
}

outcome association::enqueue(std::unique_ptr<message> received) noexcept
{
    if (phase_ == phase::closing) {
        messages_.pool().give_back(std::move(received));
        return outcome::dropped(drop_reason::session_closing);
    }
    if (!messages_.push(std::move(received), limits_->receive_queue_messages, limits_->receive_queue_bytes))
        return outcome::dropped(drop_reason::receive_queue_full);
    ++received_;
    return outcome::taken();
}

/// Who sends data has had our Finished, and will not ask for the last flight again: it need not be kept for
/// 2 x MSL. Only one that sends data ahead of it (False Start, RFC 7918) may still, and soon.
void association::note_that_peer_is_through(time_point now) noexcept
{
    if (last_flight_ && is_open()) deadline_ = std::min(deadline_, now + last_flight_after_data);
}

void association::repeat_last_flight(time_point now, wire::outbox& out) noexcept
{
    // RFC 6347 4.2.4: who sent the last flight repeats it when the peer repeats its own.
    if (!last_flight_ || now < last_flight_->repeatable) return;
    last_flight_->flight.send(path_, out);
    last_flight_->repeatable = now + limits_->repeat_interval;
    ++repeats_;
}

void association::on_timer(time_point now, wire::outbox& out) noexcept
{
    switch (phase_) {
        case phase::offered:
        case phase::handshaking:
            if (now >= deadline_) return finish(ending::handshake_timeout);
            if (handshake_ && now >= handshake_->next_wake()) {
                handshake_->on_timer(now, out);
                ++repeats_;
            }
            break;
        case phase::established:
            if (now >= deadline_) {
                last_flight_.reset();
                deadline_ = no_deadline;
            }
            if (now >= idle_deadline()) end(ending::idle_timeout, out);
            break;
        case phase::closing:
            if (now >= deadline_) finish(why_);
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
            return std::min(deadline_, handshake_->next_wake());
        case phase::established:
            return std::min(deadline_, idle_deadline());
        case phase::closed:
            break;
    }
    return no_deadline;
}

record::sealed association::send(wire::bytes message, wire::outbox& out) noexcept
{
    return protection_->seal(message, path_, out);
}

void association::close(ending why, time_point now, wire::outbox& out) noexcept
{
    if (phase_ != phase::established) {
        if (phase_ != phase::closing && phase_ != phase::closed) finish(why);
        return;
    }
    tell_peer(out);
    phase_ = phase::closing;
    why_ = why;
    deadline_ = now + limits_->close_timeout;
    last_flight_.reset();
}

void association::end(ending why, wire::outbox& out) noexcept
{
    if (phase_ == phase::closed) return;
    if (phase_ == phase::established) tell_peer(out);
    finish(phase_ == phase::closing ? why_ : why);
}

void association::abandon(ending why) noexcept
{
    if (phase_ != phase::closed) finish(why);
}

std::optional<tls::handshake_facts> association::take_facts() noexcept
{
    if (!facts_) return std::nullopt;
    return std::move(*std::exchange(facts_, nullptr));
}

void association::tell_peer(wire::outbox& out) noexcept
{
    protection_->send_alert(record::alert::close_notify, path_, out);
}

void association::finish(ending why) noexcept
{
    phase_ = phase::closed;
    why_ = why;
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
