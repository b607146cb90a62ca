#pragma once

#include "tls/attached_protection.hpp"
#include "tls/finished_trials.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_filter.hpp"
#include "tls/kept_records.hpp"
#include "tls/message_assembly.hpp"
#include "tls/repeat_limiter.hpp"
#include "tls/reseal.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace quivive::tls {

/// `handshake` on a GnuTLS session, for both sides. Five files: what comes in, in handshake_engine.cpp, its
/// messages in the clear in handshake_messages.cpp, and under the new keys in handshake_protected.cpp; what
/// goes out in handshake_drive.cpp; what a finished one hands over in handshake.cpp.
class handshake_engine final : public handshake, private record_channel::sink {
public:
    handshake_engine(unsigned role, std::shared_ptr<const context> shared, const handshake_settings& settings,
                     const prestate& start, const wire::path& path);

    /// Sends a client's first flight.
    void begin(time_point now, wire::outbox& out) noexcept { advance(now, out); }

    fed feed(const wire::record_view& record, time_point now, wire::outbox& out) noexcept override;
    void on_timer(time_point now, wire::outbox& out) noexcept override;
    [[nodiscard]] time_point next_wake() const noexcept override { return next_repeat_; }
    [[nodiscard]] std::uint16_t take_repeats() noexcept override
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
    [[nodiscard]] std::size_t most_held() const noexcept override
    {
        return own_most_held_ + (live_ ? live_->channel.bytes_of_ticket() : 0);
    }
    void hold_at_most(std::size_t bytes) noexcept override { told_most_held_ = bytes; }
    [[nodiscard]] bool is_costly(const wire::record_view& record) const noexcept override;

    [[nodiscard]] handshake_facts facts() const override;
    [[nodiscard]] std::unique_ptr<record::protection> take_protection() override;
    [[nodiscard]] flight take_last_flight() override;
    [[nodiscard]] std::vector<std::vector<std::byte>> take_early_records() override;

private:
    // What comes in.
    fed feed_plaintext(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    fed feed_messages(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    std::optional<drop_reason> feed_message(const wire::record_view& record, time_point now,
                                            wire::outbox& out) noexcept;
    fed feed_change_cipher_spec(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    void change_cipher(time_point now, wire::outbox& out) noexcept;
    fed feed_protected(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    fed feed_under_final_keys(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    std::optional<drop_reason> take_message(const wire::record_view& record,
                                            const wire::handshake_view& message, time_point now,
                                            wire::outbox& out) noexcept;
    [[nodiscard]] std::optional<drop_reason> add_to_assembly(const wire::handshake_view& fragment);
    [[nodiscard]] std::size_t most_at_once() const noexcept;
    bool hand_in(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;

    /// What one look at a protected record has shown; it is never looked at again, unless it is to be kept.
    enum class trial : unsigned char {
        failed,   ///< it does not verify, or is none that a handshake has need of
        taken,    ///< a part of the handshake
        to_keep,  ///< it has verified, and is for the session
    };
    [[nodiscard]] trial try_record(const wire::record_view& record, time_point now,
                                   wire::outbox& out) noexcept;
    [[nodiscard]] trial try_with_id(const wire::record_view& record, time_point now, wire::outbox& out);
    [[nodiscard]] trial try_alert(const wire::record_view& record, time_point now, wire::outbox& out);
    [[nodiscard]] trial take_alert(const plain_record& alert) noexcept;
    void use_final_keys(time_point now, wire::outbox& out) noexcept;
    bool keep(const wire::record_view& record) noexcept;

    /// What may be held besides what is.
    [[nodiscard]] std::size_t room() const noexcept
    {
        const auto held = held_bytes(), most = std::min(most_held(), told_most_held_);
        return held < most ? most - held : 0;
    }

    // What goes out.
    void advance(time_point now, wire::outbox& out) noexcept;
    [[nodiscard]] int shake() noexcept;
    [[nodiscard]] int shake_without_ticket() noexcept;
    void flight_sent(time_point now) noexcept;
    void repeat_flight(time_point now, wire::outbox& out) noexcept;
    void give_up(const error_code& why) noexcept;
    void fail(int code, wire::outbox& out) noexcept;
    void fail_for_wrong_key(wire::outbox& out) noexcept;
    void pushed(wire::bytes record) noexcept override;
    [[nodiscard]] int meets(const wire::client_hello_view& hello) noexcept override
    {
        return live_->sizes.meet(live_->session.get(), hello);
    }

    /// Null when no ids are agreed on, or not yet.
    [[nodiscard]] const record::connection_ids* ids() const noexcept
    {
        return live_->ids ? live_->ids->agreed() : nullptr;
    }
    /// Whether the peer puts an id into its protected records.
    [[nodiscard]] bool wants_ids() const noexcept { return ids() && !ids()->own.empty(); }
    [[nodiscard]] bool may_get_ids(const wire::record_view& record) const noexcept;
    [[nodiscard]] bool has_final_keys() const noexcept;
    [[nodiscard]] bool has_kept_of_right_key() noexcept;
    [[nodiscard]] bool in_progress() const noexcept { return status_ == handshake_status::in_progress; }

    // What is still wanted of the settings: they would be a hundred bytes for each peer that is silent.
    std::chrono::milliseconds retransmit_first_;
    std::size_t mtu_;
    std::size_t own_most_held_, told_most_held_;  ///< see `held_bytes`
    std::shared_ptr<record::aead_cache> ciphers_;

    wire::path path_;
    std::unique_ptr<live_session> live_;
    handshake_filter filter_;
    std::unique_ptr<message_assembly> assembly_;  ///< null while nothing waits for the rest of its message
    kept_records kept_;                           ///< of epoch 1
    flight flight_;
    finished_trials trials_;
    bool server_;
    bool cipher_changed_ = false;      ///< the peer's ChangeCipherSpec has come
    bool final_keys_ = false;          ///< the peer's ChangeCipherSpec has had its turn
    bool pushing_ = false;             ///< GnuTLS has pushed records of a new flight in this call
    bool push_failed_ = false;         ///< for want of memory
    bool resumption_refused_ = false;  ///< and not told yet

    handshake_status status_ = handshake_status::in_progress;
    std::uint16_t cipher_waits_ = 0;  ///< version of a ChangeCipherSpec that has not had its turn
    error_code error_;
    std::chrono::milliseconds wait_;
    unsigned repeats_ = 0;        ///< by the timer, of the present flight
    std::uint16_t repeated_ = 0;  ///< by whatever, and not told yet
    time_point next_repeat_ = no_deadline;
    repeat_limiter repeatable_;  ///< for a repeating peer
};

}  // namespace quivive::tls
