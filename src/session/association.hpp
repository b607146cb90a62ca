#pragma once

#include "quivive/drop_reason.hpp"
#include "quivive/error.hpp"
#include "quivive/limits.hpp"
#include "record/protection.hpp"
#include "session/message_queue.hpp"
#include "session/path_validator.hpp"
#include "tls/flight.hpp"
#include "tls/handshake.hpp"
#include "tls/retransmission_limiter.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace quivive::sessions {

enum class phase : unsigned char {
    offered,  ///< the application has not decided on the ClientHello yet; no handshake work has been done
    handshaking,
    established,
    closing,  ///< close_notify was sent; waits for the peer's
    closed,
};

/// Close reason of an association. The server layer maps it to an `error_code`.
enum class close_reason : unsigned char {
    none,
    peer_closed,  ///< the peer sent close_notify
    closed_here,
    replaced,  ///< replaced by a new association of the same peer (RFC 6347 4.2.8)
    idle_timeout,
    handshake_timeout,
    handshake_failed,  ///< see `handshake_error()`
    displaced,         ///< removed for a new handshake of the same peer, or of another one at a limit
    refused,           ///< the application refused or ignored the attempt
    challenged,        ///< the response was too long for an unvalidated address
    peer_alert,        ///< authentic and fatal
    server_stopped,
    sequence_exhausted,
    exported,       ///< another process continues the session
    export_failed,  ///< another process may continue the session
};

struct saved_session;

/// Result of one record.
struct record_result {
    bool consumed = false;  ///< false: see `reason`
    drop_reason reason = drop_reason::unexpected_record;

    static constexpr record_result taken() noexcept { return {.consumed = true}; }
    static constexpr record_result dropped(drop_reason why) noexcept
    {
        return {.consumed = false, .reason = why};
    }
};

/// State machine, receive queue and timeouts of one association, on the server's or the client's side. The
/// caller passes in whole records and the time. Datagrams to send go to an outbox. `phase()`,
/// `close_reason()` and `messages()` return the results. Uses no socket and no clock. Not thread-safe. No
/// input from a peer makes it throw.
///
/// Source files: association.cpp has the state machine, association_records.cpp the records of an established
/// association, association_transfer.cpp its export and import.
class association {
public:
    association(const wire::path& path, std::shared_ptr<const quivive::limits> limits,
                std::shared_ptr<message_pool> pool, time_point now) noexcept;
    virtual ~association() = default;
    association(const association&) = delete;
    association& operator=(const association&) = delete;

    /// Leaves `offered` and starts the handshake. The phase is `closed` when the handshake has already
    /// failed. Precondition: `offered`.
    void begin(std::unique_ptr<tls::handshake> handshake, time_point now) noexcept;

    /// Moves the handshake out, to run elsewhere. Records that arrive must wait until `reattach_handshake`.
    /// Precondition: handshaking, and the handshake is here.
    [[nodiscard]] std::unique_ptr<tls::handshake> detach_handshake() noexcept
    {
        return std::move(handshake_);
    }
    [[nodiscard]] bool has_handshake() const noexcept { return handshake_ != nullptr; }
    /// Returns whether an unencrypted fatal alert arrived during the handshake.
    [[nodiscard]] bool was_alerted() const noexcept { return alerted_; }
    /// Returns whether a flight waits for the peer's response. False while the handshake is elsewhere.
    [[nodiscard]] bool awaits_response() const noexcept
    {
        return handshake_ && handshake_->next_wake() != no_deadline;
    }
    /// Returns the handshake's memory without GnuTLS's session (`tls::handshake::held_bytes`). Zero when
    /// there is no handshake, or it is elsewhere.
    [[nodiscard]] std::size_t held_bytes() const noexcept
    {
        return handshake_ ? handshake_->held_bytes() : 0;
    }
    /// Returns the limit of that memory (`tls::handshake::max_held`). Precondition: there is a handshake,
    /// and it is here.
    [[nodiscard]] std::size_t max_held() const noexcept { return handshake_->max_held(); }
    /// See `tls::handshake::limit_held_bytes`. Does nothing when there is no handshake, or it is elsewhere.
    void limit_held_bytes(std::size_t bytes) noexcept
    {
        if (handshake_) handshake_->limit_held_bytes(bytes);
    }
    /// See `tls::handshake::is_costly`. Precondition: there is a handshake, and it is here.
    [[nodiscard]] bool is_costly(const wire::record_view& record) const noexcept
    {
        return handshake_->is_costly(record);
    }
    /// Moves the handshake back in, after it has processed records. `alerted`: one of them was an unencrypted
    /// fatal alert. Precondition: still handshaking.
    void reattach_handshake(std::unique_ptr<tls::handshake> handshake, bool alerted, time_point now,
                            wire::outbox& out) noexcept;

    /// Processes a record. `via`: the path it arrived on. Only with a connection id may this differ from
    /// `path()`, which then may change to it.
    record_result on_record(const wire::record_view& record, const wire::path& via, time_point now,
                            wire::outbox& out) noexcept;
    void on_timer(time_point now, wire::outbox& out) noexcept;
    /// Returns when to call `on_timer`; an earlier call does no harm. `no_deadline` when closed.
    [[nodiscard]] time_point next_wake() const noexcept;

    /// Precondition: established.
    [[nodiscard]] record::sealed send(wire::bytes message, time_point now, wire::outbox& out) noexcept;

    /// Sends close_notify; then the phase is `closing`, and `close_reason()` is `why`. Aborts a handshake
    /// without notifying the peer.
    void close(sessions::close_reason why, time_point now, wire::outbox& out) noexcept;
    /// Sends close_notify like `close`, but becomes `closed` at once without waiting for the peer.
    void close_now(sessions::close_reason why, time_point now, wire::outbox& out) noexcept;
    /// Becomes `closed` at once, without notifying the peer.
    void abort(sessions::close_reason why) noexcept;

    [[nodiscard]] sessions::phase phase() const noexcept { return phase_; }
    [[nodiscard]] bool is_open() const noexcept { return phase_ == phase::established; }
    /// Returns the close reason, when closing or closed.
    [[nodiscard]] sessions::close_reason close_reason() const noexcept { return close_reason_; }
    [[nodiscard]] error_code handshake_error() const noexcept
    {
        return error_category_ ? error_code{error_value_, *error_category_} : error_code{};
    }
    /// Returns the current path. It changes when the peer moves, which requires a connection id.
    [[nodiscard]] const wire::path& path() const noexcept { return path_; }
    /// Returns the peer's address at the time the session was established or imported here.
    [[nodiscard]] const wire::endpoint& origin() const noexcept
    {
        return path_validator_ ? path_validator_->origin() : path_.peer;
    }
    /// Returns whether the peer's records carry a connection id of this side, so that the peer may move.
    [[nodiscard]] bool has_id() const noexcept { return path_validator_ != nullptr; }
    /// Sets the configuration of moves; without it the peer cannot move. Does nothing unless `has_id()`.
    void use_move_config(std::shared_ptr<move_config> config) noexcept
    {
        if (path_validator_) path_validator_->use(std::move(config));
    }
    /// Marks `path()` as validated. The application has confirmed it by its own exchange with the peer.
    void validate_path() noexcept
    {
        if (path_validator_) path_validator_->validate();
    }
    [[nodiscard]] time_point since() const noexcept { return since_; }
    /// Returns the limits in force when the association began.
    [[nodiscard]] const quivive::limits& limits() const noexcept { return *limits_; }

    [[nodiscard]] message_queue& messages() noexcept { return messages_; }
    [[nodiscard]] std::size_t max_message_size() const noexcept { return max_message_size_; }

    /// Returns the association's own state for another process. Empty unless it is established and quivive
    /// holds its keys. Changes nothing: the caller must `abort` this association when it uses the result.
    [[nodiscard]] std::optional<saved_session> save(time_point now) const;
    /// Leaves `offered` and continues a session that another process has saved, under `protection`.
    void resume(const saved_session& saved, std::unique_ptr<record::protection> protection, time_point now);

    /// Returns the facts of the handshake once, after its end; empty before, and on later calls. After a
    /// failure with `errc::wrong_key`, returns what the peer claimed.
    [[nodiscard]] std::optional<tls::handshake_facts> take_facts() noexcept;

    /// Returns the number of flights retransmitted since the last call.
    [[nodiscard]] unsigned take_retransmissions() noexcept
    {
        return std::exchange(retransmissions_, std::uint16_t{0});
    }
    /// Returns whether a ticket was refused since the last call (`tls::handshake::take_refused_resumption`).
    [[nodiscard]] bool take_refused_resumption() noexcept
    {
        return std::exchange(resumption_refused_, false);
    }
    /// Returns the number of messages queued since the last call.
    [[nodiscard]] unsigned take_received() noexcept { return std::exchange(received_, 0U); }
    /// Returns the number of datagrams withheld since the last call because the path was not validated.
    [[nodiscard]] unsigned take_withheld() noexcept { return std::exchange(withheld_, 0U); }
    /// Returns the number of moves undone since the last call, after a copy of the record on the path last
    /// validated.
    [[nodiscard]] unsigned take_undone() noexcept
    {
        return path_validator_ ? path_validator_->take_undone() : 0;
    }

private:
    struct kept_flight {
        tls::flight flight;
        tls::retransmission_limiter repeatable;
    };

    record_result feed_handshake(const wire::record_view& record, time_point now, wire::outbox& out) noexcept;
    void note_progress(bool alerted, time_point now, wire::outbox& out) noexcept;
    void note_counts() noexcept
    {
        retransmissions_ += handshake_->take_retransmissions();
        resumption_refused_ = handshake_->take_refused_resumption() || resumption_refused_;
    }
    void abort_handshake() noexcept;
    void note_claims() noexcept;
    void establish(time_point now, wire::outbox& out) noexcept;
    void keep_last_flight(tls::flight last);

    // association_records.cpp
    template <typename Send>
    void send_to_peer(time_point now, wire::outbox& out, Send send,
                      path_validator::send_class send_class = path_validator::send_class::data) noexcept;
    record_result open(const wire::record_view& record, const wire::path& via, time_point now,
                       wire::outbox& out) noexcept;
    record_result act_on(record::opened opened, std::unique_ptr<message> plaintext, const wire::path& via,
                         time_point now, wire::outbox& out) noexcept;
    record_result enqueue(std::unique_ptr<message> received) noexcept;
    void note_handshake_confirmed(time_point now) noexcept;
    void retransmit_last_flight(time_point now, wire::outbox& out) noexcept;
    void follow(const wire::record_view& record, const wire::path& via, bool newest, time_point now,
                wire::outbox& out) noexcept;
    void check_duplicate(const wire::record_view& copy, const wire::path& via, std::span<std::byte> plaintext,
                         time_point now) noexcept;
    void challenge_path(time_point now, wire::outbox& out) noexcept;
    void on_path_message(wire::bytes message, const wire::path& via, time_point now,
                         wire::outbox& out) noexcept;
    void notify_peer(time_point now, wire::outbox& out) noexcept;

    void begin_path_validation();
    void enter_closed(sessions::close_reason why) noexcept;
    void note_failure(const error_code& error) noexcept
    {
        error_value_ = error.value();
        error_category_ = &error.category();
    }
    [[nodiscard]] time_point idle_deadline() const noexcept;

    // Ordered to avoid padding: a server has many associations.
    wire::path path_;
    sessions::phase phase_ = phase::offered;
    sessions::close_reason close_reason_ = close_reason::none;
    std::uint16_t retransmissions_ = 0;
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
    std::unique_ptr<path_validator>
        path_validator_;  ///< null unless the peer uses a connection id of this side
    message_queue messages_;

    time_point since_;                   ///< time of the first record, then of the Finished
    time_point deadline_ = no_deadline;  ///< end of the handshake, of the kept last flight, or of the closing
    time_point last_activity_;           ///< time of the last authentic record
};

}  // namespace quivive::sessions
