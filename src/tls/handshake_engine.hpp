#pragma once

#include "tls/attached_protection.hpp"
#include "tls/finished_trials.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_filter.hpp"
#include "tls/message_assembly.hpp"
#include "tls/reorder_buffer.hpp"
#include "tls/reseal.hpp"
#include "tls/retransmission_limiter.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace quivive::tls {

/// `handshake` on a GnuTLS session, for both sides. The implementation has five files:
/// - handshake_engine.cpp: received records;
/// - handshake_messages.cpp: their unencrypted messages;
/// - handshake_protected.cpp: their messages under the new keys;
/// - handshake_drive.cpp: sending;
/// - handshake.cpp: results of a finished handshake.
class handshake_engine final : public handshake, private record_channel::sink {
public:
    handshake_engine(unsigned role, std::shared_ptr<const context> shared, const handshake_settings& settings,
                     const prestate& start, const wire::path& path);

    /// Sends a client's first flight.
    void begin(time_point now, wire::outbox& out) noexcept { advance(now, out); }

    feed_result feed(const wire::record_view& record, time_point now, wire::outbox& out) noexcept override;
    void on_timer(time_point now, wire::outbox& out) noexcept override;
    [[nodiscard]] time_point next_wake() const noexcept override { return next_repeat_; }
    [[nodiscard]] std::uint16_t take_retransmissions() noexcept override
    {
        return std::exchange(repeated_, std::uint16_t{0});
    }
    [[nodiscard]] bool take_refused_resumption() noexcept override
    {
        return std::exchange(resumption_refused_, false);
    }
    [[nodiscard]] handshake_status status() const noexcept override { return status_; }
    [[nodiscard]] error_code error() const noexcept override { return error_; }

    [[nodiscard]] std::size_t held_bytes() const noexcept override;
    [[nodiscard]] std::size_t max_held() const noexcept override
    {
        return own_max_held_ + (live_ ? live_->channel.bytes_of_ticket() : 0);
    }
    void limit_held_bytes(std::size_t bytes) noexcept override { held_limit_ = bytes; }
    [[nodiscard]] bool is_costly(const wire::record_view& record) const noexcept override;

    [[nodiscard]] handshake_facts facts() const override;
    [[nodiscard]] std::unique_ptr<record::protection> take_protection() override;
    [[nodiscard]] flight take_last_flight() override;
    [[nodiscard]] std::vector<std::vector<std::byte>> take_early_records() override;

private:
    // Receiving.
    feed_result feed_plaintext(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    feed_result feed_messages(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    std::optional<drop_reason> feed_message(const wire::record_view& record, time_point now,
                                            wire::outbox& out) noexcept;
    feed_result feed_change_cipher_spec(const wire::record_view& record, time_point now,
                                        wire::outbox& out) noexcept;
    void change_cipher(time_point now, wire::outbox& out) noexcept;
    feed_result feed_protected(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    feed_result feed_under_final_keys(const wire::record_view& record, time_point now,
                                      wire::outbox& out) noexcept;
    std::optional<drop_reason> take_message(const wire::record_view& record,
                                            const wire::handshake_view& message, time_point now,
                                            wire::outbox& out) noexcept;
    [[nodiscard]] std::optional<drop_reason> add_to_assembly(const wire::handshake_view& fragment);
    [[nodiscard]] std::size_t max_at_once() const noexcept;
    bool pass_to_gnutls(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;

    /// Result of one trial decryption of a protected record. A record is tried once only, unless it is to be
    /// kept.
    enum class trial : unsigned char {
        failed,   ///< it does not verify, or the handshake has no use for it
        taken,    ///< a part of the handshake
        to_keep,  ///< it has verified, and belongs to the session
    };
    [[nodiscard]] trial try_record(const wire::record_view& record, time_point now,
                                   wire::outbox& out) noexcept;
    [[nodiscard]] trial try_with_id(const wire::record_view& record, time_point now, wire::outbox& out);
    [[nodiscard]] trial try_alert(const wire::record_view& record, time_point now, wire::outbox& out);
    [[nodiscard]] trial take_alert(const plain_record& alert) noexcept;
    void use_final_keys(time_point now, wire::outbox& out) noexcept;
    bool buffer_early(const wire::record_view& record) noexcept;

    /// Returns the number of bytes that may still be held.
    [[nodiscard]] std::size_t capacity_left() const noexcept
    {
        const auto held = held_bytes(), most = std::min(max_held(), held_limit_);
        return held < most ? most - held : 0;
    }

    // Sending.
    void advance(time_point now, wire::outbox& out) noexcept;
    [[nodiscard]] int run_gnutls() noexcept;
    [[nodiscard]] int run_gnutls_without_ticket() noexcept;
    void flight_sent(time_point now) noexcept;
    void retransmit_flight(time_point now, wire::outbox& out) noexcept;
    void abort(const error_code& why) noexcept;
    void fail(int code, wire::outbox& out) noexcept;
    void fail_for_wrong_key(wire::outbox& out) noexcept;
    void pushed(wire::bytes record) noexcept override;
    [[nodiscard]] int on_client_hello(const wire::client_hello_view& hello) noexcept override
    {
        return live_->sizes.on_client_hello(live_->session.get(), hello);
    }

    /// Returns null when no connection ids are negotiated, or not yet.
    [[nodiscard]] const record::connection_ids* ids() const noexcept
    {
        return live_->ids ? live_->ids->agreed() : nullptr;
    }
    /// Returns true when the peer puts a connection id into its protected records.
    [[nodiscard]] bool wants_ids() const noexcept { return ids() && !ids()->own.empty(); }
    [[nodiscard]] bool may_get_ids(const wire::record_view& record) const noexcept;
    [[nodiscard]] bool has_final_keys() const noexcept;
    [[nodiscard]] bool has_kept_of_right_key() noexcept;
    [[nodiscard]] bool in_progress() const noexcept { return status_ == handshake_status::in_progress; }

    // The settings that are still needed. Storing all of them would cost a hundred bytes for each silent
    // peer.
    std::chrono::milliseconds retransmit_first_;
    std::size_t mtu_;
    std::size_t own_max_held_, held_limit_;  ///< see `held_bytes`
    std::shared_ptr<record::aead_cache> ciphers_;

    wire::path path_;
    std::unique_ptr<live_session> live_;
    handshake_filter filter_;
    std::unique_ptr<message_assembly> assembly_;  ///< null while no message is incomplete
    reorder_buffer reorder_buffer_;               ///< records of epoch 1
    flight flight_;
    finished_trials trials_;
    bool server_;
    bool cipher_changed_ = false;      ///< the peer's ChangeCipherSpec has arrived
    bool final_keys_ = false;          ///< the peer's ChangeCipherSpec has been processed in order
    bool pushing_ = false;             ///< GnuTLS has pushed records of a new flight in this call
    bool push_failed_ = false;         ///< for lack of memory
    bool resumption_refused_ = false;  ///< and not yet reported

    handshake_status status_ = handshake_status::in_progress;
    std::uint16_t cipher_waits_ = 0;  ///< version of a ChangeCipherSpec that is not yet due
    error_code error_;
    std::chrono::milliseconds wait_;
    unsigned retransmissions_ = 0;  ///< by the timer, for the present flight
    std::uint16_t repeated_ = 0;    ///< for any reason, and not yet reported
    time_point next_repeat_ = no_deadline;
    retransmission_limiter repeatable_;  ///< limits responses to a retransmitting peer
};

}  // namespace quivive::tls
