#pragma once

#include "quivive/drop_reason.hpp"
#include "quivive/error.hpp"
#include "quivive/limits.hpp"
#include "record/protection.hpp"
#include "session/message_queue.hpp"
#include "session/roaming.hpp"
#include "tls/flight.hpp"
#include "tls/handshake.hpp"
#include "tls/repeat_limiter.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace quivive::sessions {

enum class phase : unsigned char {
    offered,  ///< a ClientHello that the application has not answered yet; nothing was spent on it
    handshaking,
    established,
    closing,  ///< our close_notify is out, the peer's is awaited
    closed,
};

/// Why an association is closing or closed. The server layer makes an `error_code` of it.
enum class ending : unsigned char {
    none,
    peer_closed,  ///< the peer's close_notify
    closed_here,
    replaced,  ///< RFC 6347 4.2.8
    idle_timeout,
    handshake_timeout,
    handshake_failed,  ///< `handshake_error()` says how
    displaced,         ///< for a newcomer: its own peer's, which began anew, or at a limit
    refused,           ///< the application refused or ignored the attempt
    challenged,        ///< its answer would have been too long for an unproven address
    peer_alert,        ///< authentic and fatal
    server_stopped,
    sequence_exhausted,
    exported,       ///< another process goes on with it
    export_failed,  ///< another process may go on with it
};

struct saved_session;

/// What became of one record.
struct outcome {
    bool consumed = false;  ///< else `reason` holds
    drop_reason reason = drop_reason::unexpected_record;

    static constexpr outcome taken() noexcept { return {.consumed = true}; }
    static constexpr outcome dropped(drop_reason why) noexcept { return {.consumed = false, .reason = why}; }
};

/// The states, queue and time-outs of one association, server's or client's side. It is fed whole records and
/// a time; what shall leave goes into an outbox; what happened shows in `phase()`, `why()` and `messages()`.
/// No socket, no clock. Not thread-safe. Nothing that a peer sends makes it throw. Three files: its life in
/// association.cpp, what it takes in and sends once established in association_records.cpp, how it goes from
/// one process to another in association_transfer.cpp.
class association {
public:
    association(const wire::path& path, std::shared_ptr<const quivive::limits> limits,
                std::shared_ptr<message_pool> pool, time_point now) noexcept;
    virtual ~association() = default;
    association(const association&) = delete;
    association& operator=(const association&) = delete;

    /// Leaves `offered`; is `closed` at once when the handshake has failed already. Precondition: it has not
    /// been left.
    void begin(std::unique_ptr<tls::handshake> handshake, time_point now) noexcept;

    /// The handshake, to be driven elsewhere. Until `put_back` records that come must wait: it is not there.
    /// Precondition: handshaking, and it is.
    [[nodiscard]] std::unique_ptr<tls::handshake> lend_handshake() noexcept { return std::move(handshake_); }
    [[nodiscard]] bool has_handshake() const noexcept { return handshake_ != nullptr; }
    /// Whether the handshake has met a fatal alert in the clear.
    [[nodiscard]] bool was_alerted() const noexcept { return alerted_; }
    /// Whether a flight of it waits for the peer's answer. False when it is elsewhere.
    [[nodiscard]] bool awaits_answer() const noexcept
    {
        return handshake_ && handshake_->next_wake() != no_deadline;
    }
    /// What the handshake holds beside GnuTLS's session (`tls::handshake::held_bytes`); zero when there is
    /// none, or it is elsewhere.
    [[nodiscard]] std::size_t held_bytes() const noexcept
    {
        return handshake_ ? handshake_->held_bytes() : 0;
    }
    /// The most that it may hold (`tls::handshake::most_held`). Precondition: there is one, and it is here.
    [[nodiscard]] std::size_t most_held() const noexcept { return handshake_->most_held(); }
    /// See `tls::handshake::hold_at_most`. Without effect when there is none, or it is elsewhere.
    void hold_at_most(std::size_t bytes) noexcept
    {
        if (handshake_) handshake_->hold_at_most(bytes);
    }
    /// See `tls::handshake::is_costly`. Precondition: there is one, and it is here.
    [[nodiscard]] bool is_costly(const wire::record_view& record) const noexcept
    {
        return handshake_->is_costly(record);
    }
    /// After it has taken records in; `alerted`: one was a fatal alert in the clear. Precondition: still
    /// handshaking.
    void put_back(std::unique_ptr<tls::handshake> lent, bool alerted, time_point now,
                  wire::outbox& out) noexcept;

    /// `via`: where the record came from. Only with a connection id it may be another path than `path()`,
    /// which then perhaps becomes it.
    outcome on_record(const wire::record_view& record, const wire::path& via, time_point now,
                      wire::outbox& out) noexcept;
    void on_timer(time_point now, wire::outbox& out) noexcept;
    /// When to call `on_timer`; it may be called earlier without harm. `no_deadline` when closed.
    [[nodiscard]] time_point next_wake() const noexcept;

    /// Precondition: established.
    [[nodiscard]] record::sealed send(wire::bytes message, time_point now, wire::outbox& out) noexcept;

    /// close_notify; then `closing`, and `why()` is `why`. A handshake is given up without a word.
    void close(ending why, time_point now, wire::outbox& out) noexcept;
    /// The same, without waiting for the peer: `closed` at once.
    void end(ending why, time_point now, wire::outbox& out) noexcept;
    /// `closed` at once, without a word to the peer.
    void abandon(ending why) noexcept;

    [[nodiscard]] sessions::phase phase() const noexcept { return phase_; }
    [[nodiscard]] bool is_open() const noexcept { return phase_ == phase::established; }
    /// Why it is closing or closed.
    [[nodiscard]] ending why() const noexcept { return why_; }
    [[nodiscard]] error_code handshake_error() const noexcept
    {
        return error_category_ ? error_code{error_value_, *error_category_} : error_code{};
    }
    /// Changes when the peer moves, which only one with a connection id can.
    [[nodiscard]] const wire::path& path() const noexcept { return path_; }
    /// Where its peer was when it was established here.
    [[nodiscard]] const wire::endpoint& origin() const noexcept
    {
        return roaming_ ? roaming_->origin() : path_.peer;
    }
    /// Whether its peer puts an id of ours into its records, and so may move.
    [[nodiscard]] bool has_id() const noexcept { return roaming_ != nullptr; }
    /// Sets the terms of moves, without which the peer cannot move. Without effect unless it `has_id`.
    void roam_by(std::shared_ptr<move_terms> terms) noexcept
    {
        if (roaming_) roaming_->use(std::move(terms));
    }
    /// The peer is where `path()` says: the application knows by what it has exchanged with it.
    void validate_path() noexcept
    {
        if (roaming_) roaming_->validate();
    }
    [[nodiscard]] time_point since() const noexcept { return since_; }
    /// Those that held when it began.
    [[nodiscard]] const quivive::limits& limits() const noexcept { return *limits_; }

    [[nodiscard]] message_queue& messages() noexcept { return messages_; }
    [[nodiscard]] std::size_t max_message_size() const noexcept { return max_message_size_; }

    /// What another process needs to go on with it, of what is known here. Empty unless it is established,
    /// with keys of ours. Changes nothing: whoever takes it must then `abandon` this one.
    [[nodiscard]] std::optional<saved_session> save(time_point now) const;
    /// Leaves `offered`, and goes on with what another process has saved, under `protection`.
    void resume(const saved_session& saved, std::unique_ptr<record::protection> protection, time_point now);

    /// Once, after the handshake; empty before and after. Of one that has failed for `errc::wrong_key`: what
    /// the peer has claimed.
    [[nodiscard]] std::optional<tls::handshake_facts> take_facts() noexcept;

    /// How often the last flight was repeated since the last call.
    [[nodiscard]] unsigned take_repeats() noexcept { return std::exchange(repeats_, std::uint16_t{0}); }
    /// Whether a ticket was refused since the last call (`tls::handshake::take_refused_resumption`).
    [[nodiscard]] bool take_refused_resumption() noexcept
    {
        return std::exchange(resumption_refused_, false);
    }
    /// How many messages were queued since the last call.
    [[nodiscard]] unsigned take_received() noexcept { return std::exchange(received_, 0U); }
    /// How many datagrams did not leave since the last call, the peer not having shown that it is where it
    /// went.
    [[nodiscard]] unsigned take_withheld() noexcept { return std::exchange(withheld_, 0U); }
    /// How many moves were taken back since the last call, for a copy by the path last validated.
    [[nodiscard]] unsigned take_undone() noexcept { return roaming_ ? roaming_->take_undone() : 0; }

private:
    struct kept_flight {
        tls::flight flight;
        tls::repeat_limiter repeatable;
    };

    outcome shake_hands(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    void note_progress(bool alerted, time_point now, wire::outbox& out) noexcept;
    void note_counts() noexcept
    {
        repeats_ += handshake_->take_repeats();
        resumption_refused_ = handshake_->take_refused_resumption() || resumption_refused_;
    }
    void give_up_handshake() noexcept;
    void note_claims() noexcept;
    void establish(time_point now, wire::outbox& out) noexcept;
    void keep(tls::flight last);

    // association_records.cpp
    template <typename Send>
    void to_peer(time_point now, wire::outbox& out, Send send,
                 roaming::cargo what = roaming::cargo::data) noexcept;
    outcome open(const wire::record_view& record, const wire::path& via, time_point now,
                 wire::outbox& out) noexcept;
    outcome act_on(record::opened opened, std::unique_ptr<message> plaintext, const wire::path& via,
                   time_point now, wire::outbox& out) noexcept;
    outcome enqueue(std::unique_ptr<message> received) noexcept;
    void note_that_peer_is_through(time_point now) noexcept;
    void repeat_last_flight(time_point now, wire::outbox& out) noexcept;
    void follow(const wire::record_view& record, const wire::path& via, bool newest, time_point now,
                wire::outbox& out) noexcept;
    void suspect(const wire::record_view& copy, const wire::path& via, std::span<std::byte> plaintext,
                 time_point now) noexcept;
    void challenge_path(time_point now, wire::outbox& out) noexcept;
    void on_path_message(wire::bytes message, const wire::path& via, time_point now,
                         wire::outbox& out) noexcept;
    void tell_peer(time_point now, wire::outbox& out) noexcept;

    void watch_path();
    void finish(ending why) noexcept;
    void note_failure(const error_code& error) noexcept
    {
        error_value_ = error.value();
        error_category_ = &error.category();
    }
    [[nodiscard]] time_point idle_deadline() const noexcept;

    // In an order without gaps: a server has many of these.
    wire::path path_;
    sessions::phase phase_ = phase::offered;
    ending why_ = ending::none;
    std::uint16_t repeats_ = 0;
    std::uint16_t max_message_size_ = 0;
    bool resumption_refused_ = false;
    bool alerted_ = false;
    std::uint32_t received_ = 0;
    std::uint32_t withheld_ = 0;
    int error_value_ = 0;
    const boost::system::error_category* error_category_ = nullptr;  ///< null: the handshake has not failed
    std::shared_ptr<const quivive::limits> limits_;

    std::unique_ptr<tls::handshake> handshake_;
    std::unique_ptr<record::protection> protection_;
    std::unique_ptr<kept_flight> last_flight_;
    std::unique_ptr<tls::handshake_facts> facts_;
    std::unique_ptr<roaming> roaming_;  ///< of a session whose peer has an id of ours
    message_queue messages_;

    time_point since_;                   ///< of the first record, then of the Finished
    time_point deadline_ = no_deadline;  ///< of the handshake, or of the closing
    time_point last_activity_;           ///< of the last authentic record
};

}  // namespace quivive::sessions
