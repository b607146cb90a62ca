#pragma once

#include "gate/amplification_limiter.hpp"
#include "gate/keyed_hash.hpp"
#include "quivive/limits.hpp"
#include "session/move_config.hpp"
#include "wire/outbox.hpp"
#include "wire/time.hpp"
#include "wire/token_bucket.hpp"

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace quivive::sessions {

/// Tracks and validates the address of a peer with a connection id. The peer may move to another address (RFC
/// 9146 6). An attacker that only sends copies of its datagrams from another address must gain nothing:
/// - Only the newest record changes the address, and only at a limited rate.
/// - `move_policy` limits the data sent to a new address until that address is validated (RFC 9853 5.1, the
///   basic procedure).
/// - A copy of the same record from the path last validated undoes the move.
///
/// This class decides; the association sends.
class path_validator {
public:
    /// Kind of a datagram for the peer's current path.
    enum class send_class : unsigned char {
        data,       ///< must leave the bytes reserved for the remaining challenges
        challenge,  ///< the challenge that `next_challenge` returned
        answer,     ///< a path_response, or the close of the session: may use all that is left
    };

    /// A record that verified.
    struct verified_record {
        wire::path from;
        std::uint64_t number = 0;
        bool newest = false;  ///< its sequence number is above those of all earlier records
    };

    /// RFC 9853 4: a type and eight bytes.
    static constexpr std::size_t path_message_size = 9;

    /// Maximum number of moves in a row. Each move changes the table and is reported to the application. The
    /// limit is enough for a NAT that maps each datagram of a burst to another port.
    static constexpr unsigned max_moves_in_a_row = 20;

    /// Time without moves after an undone move. It is long enough to make repeated races against the peer's
    /// records useless. If the peer really moves then, its session is interrupted for at most this time, as
    /// if the peer were offline.
    static constexpr std::chrono::seconds move_pause{10};

    /// How long, and in how many datagrams, the newest records must arrive from an address before
    /// `move_policy::sustained` accepts it. An attacker that races copies against the peer would have to win
    /// for all this time. It would also have to keep every original off the path last validated.
    static constexpr std::chrono::seconds sustained_time{3};
    static constexpr unsigned sustained_datagrams = 3;

    /// `seed`: key for the cookies in challenges, which must not be predictable. `challenge_size`: bytes of a
    /// record with a challenge; zero when the peer does not support the check. `origin`: the peer's address
    /// now.
    path_validator(gate::hash_key seed, std::size_t challenge_size, const quivive::limits& limits,
                   const wire::endpoint& origin) noexcept;

    /// Returns the peer's first address.
    [[nodiscard]] const wire::endpoint& origin() const noexcept { return origin_; }

    /// Sets the configuration of moves; without it the peer cannot move.
    void use(std::shared_ptr<move_config> config) noexcept { config_ = std::move(config); }

    /// Handles a record from another path. Returns whether `current` has changed.
    [[nodiscard]] bool follow(wire::path& current, const verified_record& record, time_point now) noexcept;

    /// Counts the bytes of a record that arrived on the current path.
    void received(std::size_t bytes, bool newest, time_point now) noexcept;

    /// Returns whether `bytes` may be sent on the current path, and counts them. A challenge that may be sent
    /// counts as sent.
    [[nodiscard]] bool may_send(std::size_t bytes, send_class send_class, time_point now) noexcept;

    /// Marks the current path as validated by other means.
    void validate() noexcept { unvalidated_.reset(); }
    [[nodiscard]] bool is_validated() const noexcept { return !unvalidated_; }
    /// Returns the path last validated.
    [[nodiscard]] const wire::path& validated(const wire::path& current) const noexcept
    {
        return unvalidated_ ? unvalidated_->last_validated : current;
    }

    // RFC 9146 6: the new address may belong to an attacker who copied the peer's record.

    /// Returns whether a replayed record is the original of a copy. It undoes the move if it also verifies.
    /// It must arrive on the path last validated. The accepted copy arrived on another path.
    [[nodiscard]] bool is_undone_by(const wire::path& from, std::uint64_t number) const noexcept
    {
        return unvalidated_ && from == unvalidated_->last_validated && number >= unvalidated_->moved_by;
    }
    void undo(wire::path& current, time_point now) noexcept;
    /// Returns the number of undone moves since the last call.
    [[nodiscard]] unsigned take_undone() noexcept { return std::exchange(undone_, std::uint16_t{0}); }

    // The return routability check, if both sides support it.

    /// Returns the eight bytes of a path_challenge to send now. Empty when none is due, or the limit does not
    /// allow it yet. Returns the same value until it has been sent.
    [[nodiscard]] std::optional<std::uint64_t> next_challenge(time_point now) const noexcept;
    /// Handles a path_response.
    void responded(std::uint64_t cookie) noexcept;
    /// Returns to the path last validated when no response arrived in time. Returns whether `current` has
    /// changed.
    [[nodiscard]] bool revert_unanswered(wire::path& current, time_point now) noexcept;
    /// Returns when to call `next_challenge` and `revert_unanswered`.
    [[nodiscard]] time_point next_wake() const noexcept;

private:
    static constexpr unsigned challenges = 3;

    /// Newest records from one address.
    struct record_run {
        time_point since{}, last{};
        std::uint32_t datagrams = 0;

        void note(time_point now) noexcept;
        [[nodiscard]] bool is_sustained() const noexcept
        {
            return datagrams >= sustained_datagrams && last - since >= sustained_time;
        }
    };
    /// State of the current path until it is validated.
    struct unvalidated_path {
        wire::path last_validated;
        std::uint64_t moved_by = 0;  ///< sequence number of the record that caused the move away from it
        time_point checked_since;
        std::uint16_t challenged = 0;  ///< number of challenges sent
        move_policy policy{};
        bool has_rate = false;                  ///< may be sent `unvalidated_bytes_per_second`
        gate::amplification_limiter limiter{};  ///< three times the bytes received
        std::size_t unused_bytes = 0;           ///< bytes received, less the data sent
        record_run recent{};
    };
    [[nodiscard]] unvalidated_path begin(const wire::path& current, const verified_record& record,
                                         move_policy policy, time_point now) const noexcept;
    void return_to_validated(wire::path& current) noexcept;
    [[nodiscard]] bool is_same_host(const wire::path& one, const wire::path& other) const noexcept;
    [[nodiscard]] bool checks_paths() const noexcept { return challenge_size_ > 0; }
    [[nodiscard]] bool may_challenge() const noexcept;
    [[nodiscard]] std::size_t reserved() const noexcept;
    [[nodiscard]] std::uint64_t cookie(unsigned sent) const noexcept;
    [[nodiscard]] time_point due() const noexcept;

    gate::hash_key seed_;
    std::shared_ptr<move_config> config_;
    duration interval_;       ///< refills one move; zero: moves are not limited
    duration check_timeout_;  ///< maximum wait for a response; RFC 9853 5.5: T
    std::size_t rate_;        ///< bytes per second, when `has_rate`
    std::uint32_t challenge_size_;
    std::uint16_t undone_ = 0;
    wire::endpoint origin_;
    std::uint64_t moves_ = 0;
    wire::token_bucket moves_left_;
    gate::byte_bucket bytes_left_;
    time_point no_moves_until_{};
    std::optional<unvalidated_path> unvalidated_;
};

/// Sends what the limit of an unvalidated path allows. Drops the rest, as the network might.
class limited_outbox final : public wire::outbox {
public:
    limited_outbox(path_validator& validator, path_validator::send_class send_class, time_point now,
                   wire::outbox& out, unsigned& withheld) noexcept
        : validator_{validator}, send_class_{send_class}, now_{now}, out_{out}, withheld_{withheld}
    {
    }
    void send(const wire::path& to, wire::bytes datagram) noexcept override
    {
        if (validator_.may_send(datagram.size(), send_class_, now_))
            out_.send(to, datagram);
        else
            ++withheld_;
    }

private:
    path_validator& validator_;
    path_validator::send_class send_class_;
    time_point now_;
    wire::outbox& out_;
    unsigned& withheld_;
};

}  // namespace quivive::sessions
