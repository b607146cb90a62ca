#include "tls/handshake_engine.hpp"

#include <gnutls/dtls.h>

#include <array>
#include <utility>

namespace quivive::tls {

namespace {

feed_result dropped(drop_reason reason) noexcept { return {.consumed = false, .reason = reason}; }

/// Anyone can have sent the alert. GnuTLS would end the handshake for it, so GnuTLS never receives one.
feed_result drop_alert(wire::bytes payload) noexcept
{
    auto result = dropped(drop_reason::plaintext_alert);
    wire::reader in{payload};
    const auto level = in.u8();
    const auto description = in.u8();
    result.plaintext_fatal_alert = in.ok() && (level == 2 || description == 0);
    return result;
}

}  // namespace

handshake_engine::handshake_engine(unsigned role, std::shared_ptr<const context> shared,
                                   const handshake_settings& settings, const prestate& start,
                                   const wire::path& path)
    : retransmit_first_{settings.retransmit_first},
      mtu_{settings.mtu},
      own_max_held_{tls::max_held(settings.max_message_bytes)},
      held_limit_{SIZE_MAX},
      ciphers_{settings.ciphers},
      path_{path},
      live_{std::make_unique<live_session>(role, std::move(shared),
                                           settings.ciphers ? settings.connection_id : std::nullopt)},
      filter_{settings.max_message_bytes, start.message_seq, role == GNUTLS_SERVER},
      reorder_buffer_{settings.early_records, settings.connection_id ? settings.connection_id->size() : 0},
      flight_{settings.handshake_mtu, start.record_sequence},
      server_{role == GNUTLS_SERVER},
      wait_{settings.retransmit_first},
      repeatable_{settings.repeat_interval, settings.repeat_burst}
{
    live_->channel.push_to(this);
    if (server_) live_->count_from(start.message_seq);
}

feed_result handshake_engine::feed(const wire::record_view& record, time_point now,
                                   wire::outbox& out) noexcept
{
    if (!in_progress()) return dropped(drop_reason::unexpected_record);
    if (record.epoch == 0) return feed_plaintext(record, now, out);
    if (record.epoch == 1) return feed_protected(record, now, out);
    return dropped(drop_reason::bad_epoch);
}

feed_result handshake_engine::feed_plaintext(const wire::record_view& record, time_point now,
                                             wire::outbox& out) noexcept
{
    switch (record.type) {
        case wire::content_type::handshake:
            return feed_messages(record, now, out);
        case wire::content_type::change_cipher_spec:
            return feed_change_cipher_spec(record, now, out);
        case wire::content_type::alert:
            return drop_alert(record.payload);
        default:
            return dropped(drop_reason::unexpected_record);
    }
}

/// RFC 5246 7.1. GnuTLS keeps each ChangeCipherSpec in a buffer of 17 kB, so it receives only one. A server
/// passes it on only after the key exchange or on resumption, since anyone could send one earlier.
feed_result handshake_engine::feed_change_cipher_spec(const wire::record_view& record, time_point now,
                                                      wire::outbox& out) noexcept
{
    if (record.payload.size() != 1 || record.payload[0] != std::byte{1})
        return dropped(drop_reason::unexpected_record);
    if (std::exchange(cipher_changed_, true)) return dropped(drop_reason::repeated_flight);
    cipher_waits_ = record.version;
    change_cipher(now, out);
    return {.consumed = true};
}

/// Called after any event that may have made the ChangeCipherSpec due.
void handshake_engine::change_cipher(time_point now, wire::outbox& out) noexcept
{
    const auto session = live_->session.get();
    const bool is_next =
        !server_ || live_->channel.has_key_exchange() || gnutls_session_is_resumed(session) != 0;
    if (in_progress() && is_next && cipher_waits_ != 0) {
        constexpr std::array message{std::byte{1}};
        wire::record_view record;
        record.type = wire::content_type::change_cipher_spec;
        record.version = std::exchange(cipher_waits_, std::uint16_t{0});
        record.payload = message;
        (void)pass_to_gnutls(record, now, out);
    }
    use_final_keys(now, out);
}

std::size_t handshake_engine::held_bytes() const noexcept
{
    return reorder_buffer_.size_bytes() + (assembly_ ? assembly_->size_bytes() : 0) + flight_.size_bytes() +
           (live_ ? live_->channel.bytes_taken() : 0);
}

/// Returns false when GnuTLS has discarded the record.
bool handshake_engine::pass_to_gnutls(const wire::record_view& record, time_point now,
                                      wire::outbox& out) noexcept
{
    const auto discarded = gnutls_record_get_discarded(live_->session.get());
    live_->channel.offer(record);
    advance(now, out);
    live_->channel.withdraw_offer();
    if (record.epoch == 1 && status_ == handshake_status::done) live_->window.note(record.sequence);
    return gnutls_record_get_discarded(live_->session.get()) == discarded;
}

}  // namespace quivive::tls
