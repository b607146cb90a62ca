#include "tls/handshake_engine.hpp"

#include "tls/facts.hpp"
#include "tls/gnutls_context.hpp"
#include "tls/reseal.hpp"

#include <gnutls/dtls.h>

#include <algorithm>
#include <utility>

namespace quivive::tls {

namespace {

/// RFC 6347 4.2.4.1: the wait doubles up to a minute.
constexpr std::chrono::milliseconds longest_wait{60'000};

/// GnuTLS's own retransmission is switched off as it documents, by a first wait beyond the whole time. Both
/// are finite: INDEFINITE means 0 to it (gnutls.md section 8, 9), and both are ours to keep, in `now`.
constexpr unsigned gnutls_total_ms = 0x3ffffffe, gnutls_retransmit_ms = 0x3fffffff;

/// Calls of gnutls_handshake for one record: each takes it at least one message further.
constexpr int max_calls = 32;

std::unique_ptr<live_session> make_session(unsigned role, std::shared_ptr<const context> shared,
                                           const handshake_settings& settings)
{
    auto live = std::make_unique<live_session>();
    live->session = make_handle<session_handle>("gnutls_init", gnutls_init,
                                                role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    const auto session = live->session.get();
    apply_context(session, *shared);
    live->shared = std::move(shared);
    live->channel.attach(session);
    gnutls_dtls_set_timeouts(session, gnutls_retransmit_ms, gnutls_total_ms);
    gnutls_dtls_set_mtu(session, static_cast<unsigned>(settings.handshake_mtu));
    gnutls_handshake_set_max_packet_length(session, settings.max_message_bytes);
    return live;
}

error_code error_of(int code) noexcept
{
    switch (code) {
        case GNUTLS_E_CERTIFICATE_ERROR:
        case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
        case GNUTLS_E_NO_CERTIFICATE_FOUND:
            return errc::certificate_rejected;
        default:
            return {code, tls_category()};
    }
}

bool is_change_cipher_spec(wire::bytes payload) noexcept
{
    return payload.size() == 1 && payload[0] == std::byte{1};
}

fed dropped(drop_reason reason) noexcept { return {.consumed = false, .reason = reason}; }

}  // namespace

handshake_engine::handshake_engine(unsigned role, std::shared_ptr<const context> shared,
                                   const handshake_settings& settings, const prestate& start,
                                   const wire::path& path)
    : settings_{settings},
      path_{path},
      live_{make_session(role, std::move(shared), settings)},
      filter_{settings.max_message_bytes, start.message_seq},
      flight_{settings.handshake_mtu, start.record_sequence},
      wait_{settings.retransmit_first}
{
    live_->channel.push_to(this);
    if (role != GNUTLS_SERVER) return;
    // Right whether a HelloVerifyRequest was sent or not (gnutls.md section 1): GnuTLS adds one to the last
    // number.
    gnutls_dtls_prestate_st counters{0, start.message_seq, start.message_seq - 1U};
    gnutls_dtls_prestate_set(live_->session.get(), &counters);
}

fed handshake_engine::feed(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
{
    if (status_ != handshake_status::in_progress) return dropped(drop_reason::unexpected_record);
    if (record.epoch == 0) return feed_plaintext(record, now, out);
    if (record.epoch == 1) return feed_protected(record, now, out);
    return dropped(drop_reason::bad_epoch);
}

fed handshake_engine::feed_plaintext(const wire::record_view& record, time_point now,
                                     wire::outbox& out) noexcept
{
    switch (record.type) {
        case wire::content_type::handshake:
            if (const auto problem = filter_.check(record.payload)) {
                if (*problem == drop_reason::repeated_flight && now >= repeatable_) repeat_flight(now, out);
                return dropped(*problem);
            }
            break;
        case wire::content_type::change_cipher_spec:
            if (!is_change_cipher_spec(record.payload)) return dropped(drop_reason::unexpected_record);
            break;
        case wire::content_type::alert: {
            // Unauthenticated: GnuTLS would end the handshake for it.
            auto result = dropped(drop_reason::plaintext_alert);
            wire::reader in{record.payload};
            const auto level = in.u8();
            const auto description = in.u8();
            result.plaintext_fatal_alert = in.ok() && (level == 2 || description == 0);
            return result;
        }
        default:
            return dropped(drop_reason::unexpected_record);
    }
    hand_in(record, now, out);
    retry_kept_finished(now, out);
    return {.consumed = true};
}

fed handshake_engine::feed_protected(const wire::record_view& record, time_point now,
                                     wire::outbox& out) noexcept
{
    switch (record.type) {
        case wire::content_type::handshake:
            hand_in(record, now, out);
            if (status_ == handshake_status::in_progress) keep(record);  // it may have overtaken others
            return {.consumed = true};
        case wire::content_type::application_data:
        case wire::content_type::alert:
            if (settings_.early_records == 0) return dropped(drop_reason::early_data_overflow);
            keep(record);
            return {.consumed = true};
        default:
            return dropped(drop_reason::unexpected_record);
    }
}

void handshake_engine::hand_in(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
{
    live_->channel.offer(record);
    advance(now, out);
    live_->channel.take_back();
}

/// A Finished that came before what it finishes is dropped by GnuTLS, not kept (gnutls.md section 8, 14).
void handshake_engine::retry_kept_finished(time_point now, wire::outbox& out) noexcept
{
    for (std::size_t i = 0; i < early_.size() && status_ == handshake_status::in_progress; ++i) {
        const auto record = wire::first_record(early_[i]);
        if (record && record->is(wire::content_type::handshake)) hand_in(*record, now, out);
    }
}

void handshake_engine::keep(const wire::record_view& record) noexcept
try {
    if (settings_.early_records == 0) return;
    if (early_.size() >= settings_.early_records) early_.pop_front();
    early_.emplace_back(record.whole.begin(), record.whole.end());
} catch (const std::bad_alloc&) {  // then it was lost on the way
}

/// Lets GnuTLS go on, and sends what it has to say as one flight.
void handshake_engine::advance(time_point now, wire::outbox& out) noexcept
{
    pushing_ = false;
    const int result = shake();
    if (out_of_memory_) return fail(GNUTLS_E_MEMORY_ERROR, out);
    if (pushing_) {
        flight_.send(path_, out);
        flight_sent(now);
    }
    if (result == 0) {
        status_ = handshake_status::done;
        next_repeat_ = no_deadline;
        if (!pushing_) flight_.forget();  // the last flight was the peer's
    } else if (gnutls_error_is_fatal(result)) {
        fail(result, out);
    }
}

int handshake_engine::shake() noexcept
{
    int result = GNUTLS_E_AGAIN;
    for (int i = 0; i < max_calls; ++i) {
        result = gnutls_handshake(live_->session.get());
        if (result == 0 || gnutls_error_is_fatal(result)) break;
        if (result == GNUTLS_E_AGAIN && !live_->channel.has_offer()) break;
    }
    return result;
}

void handshake_engine::flight_sent(time_point now) noexcept
{
    filter_.answered();
    wait_ = settings_.retransmit_first;
    next_repeat_ = now + wait_;
    repeatable_ = now + settings_.repeat_interval;
}

void handshake_engine::on_timer(time_point now, wire::outbox& out) noexcept
{
    if (now < next_repeat_) return;
    repeat_flight(now, out);
    wait_ = std::min(2 * wait_, longest_wait);
    next_repeat_ = now + wait_;
}

void handshake_engine::repeat_flight(time_point now, wire::outbox& out) noexcept
{
    flight_.renew([this](std::span<std::byte> record) { (void)reseal(live_->session.get(), record); });
    flight_.send(path_, out);
    repeatable_ = now + settings_.repeat_interval;
}

void handshake_engine::fail(int code, wire::outbox& out) noexcept
{
    status_ = handshake_status::failed;
    error_ = error_of(code);
    next_repeat_ = no_deadline;
    pushing_ = false;
    if (code == GNUTLS_E_NO_CERTIFICATE_FOUND)  // RFC 5246 7.4.6; GnuTLS would say decode_error
        (void)gnutls_alert_send(live_->session.get(), GNUTLS_AL_FATAL, GNUTLS_A_HANDSHAKE_FAILURE);
    else
        (void)gnutls_alert_send_appropriate(live_->session.get(), code);
    if (pushing_) flight_.send(path_, out);
}

void handshake_engine::pushed(wire::bytes record) noexcept
try {
    if (!std::exchange(pushing_, true)) flight_.begin();
    flight_.add(record);
} catch (const std::bad_alloc&) {
    out_of_memory_ = true;
}

handshake_facts handshake_engine::facts() const { return facts_of(live_->session.get()); }

std::unique_ptr<record::protection> handshake_engine::take_protection()
{
    live_->channel.push_to(nullptr);
    return std::make_unique<attached_protection>(std::move(live_), settings_.mtu);
}

flight handshake_engine::take_last_flight() { return std::move(flight_); }

std::vector<std::vector<std::byte>> handshake_engine::take_early_records()
{
    std::vector<std::vector<std::byte>> records;
    for (auto& kept : early_) {
        const auto record = wire::first_record(kept);
        if (record && !record->is(wire::content_type::handshake)) records.push_back(std::move(kept));
    }
    early_.clear();
    return records;
}

std::unique_ptr<handshake> make_server_handshake(std::shared_ptr<const context> context,
                                                 const handshake_settings& settings, const prestate& start,
                                                 const wire::path& path)
{
    return std::make_unique<handshake_engine>(GNUTLS_SERVER, std::move(context), settings, start, path);
}

std::unique_ptr<handshake> make_client_handshake(std::shared_ptr<const context> context,
                                                 const handshake_settings& settings, const wire::path& path,
                                                 time_point now, wire::outbox& out)
{
    auto engine =
        std::make_unique<handshake_engine>(GNUTLS_CLIENT, std::move(context), settings, prestate{}, path);
    engine->begin(now, out);
    return engine;
}

}  // namespace quivive::tls
