#pragma once

#include "gate/budget.hpp"
#include "gate/keyed_hash.hpp"
#include "quivive/limits.hpp"
#include "session/move_terms.hpp"
#include "wire/outbox.hpp"
#include "wire/time.hpp"
#include "wire/token_bucket.hpp"

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace quivive::sessions {

/// Where the peer of a session with a connection id is. It may go to another address and go on from there
/// (RFC 9146 6); but whoever only copies its datagrams from elsewhere must gain nothing. The address changes
/// for the newest record alone, and not too often; what goes there is limited by `move_policy` until the peer
/// has shown that it receives there (RFC 9853 5.1, the basic procedure); and a copy of the same record from
/// the path last validated takes the move back. Decides; the association acts.
class roaming {
public:
    /// What shall go to where the peer is taken to be.
    enum class cargo : unsigned char {
        data,       ///< leaves what the challenges that are still to be sent need
        challenge,  ///< that `next_challenge` has given
        answer,     ///< a path_response, or what ends the session: may take all that is left
    };

    /// A record that verified.
    struct arrival {
        wire::path from;
        std::uint64_t number = 0;
        bool newest = false;  ///< its number is above those of all before it
    };

    /// RFC 9853 4: a type, and eight bytes.
    static constexpr std::size_t path_message_size = 9;

    /// Moves in a row, each of which changes the table and is told to the application. Enough for a NAT that
    /// gives each datagram of a burst another port.
    static constexpr unsigned moves_in_a_row = 20;

    /// After a move that was taken back. Long enough that racing a peer's records again and again is of no
    /// use, short enough that a peer that then really moves is missed for no longer than it may have been
    /// offline.
    static constexpr std::chrono::seconds hold{10};

    /// How long newest records must have come from an address, and in how many datagrams, until it is
    /// believed as far as `move_policy::sustained` does. Whoever races copies against the peer would have to
    /// win all this time, and keep every original from the path last validated.
    static constexpr std::chrono::seconds sustained_time{3};
    static constexpr unsigned sustained_datagrams = 3;

    /// `seed`: of the challenges, which nobody shall guess. `challenge_size`: bytes of a record with one;
    /// zero where the peer does not know the check. `origin`: where the peer is.
    roaming(gate::hash_key seed, std::size_t challenge_size, const quivive::limits& limits,
            const wire::endpoint& origin) noexcept;

    /// Where the peer was at first.
    [[nodiscard]] const wire::endpoint& origin() const noexcept { return origin_; }

    /// Sets the terms of moves, without which the peer cannot move.
    void use(std::shared_ptr<move_terms> terms) noexcept { terms_ = std::move(terms); }

    /// A record came from elsewhere: whether `current` becomes that.
    [[nodiscard]] bool follow(wire::path& current, const arrival& record, time_point now) noexcept;

    /// So many bytes, a record's, came from where the peer is taken to be.
    void received(std::size_t bytes, bool newest, time_point now) noexcept;

    /// False: so much must not leave, the path not being validated. A challenge that leaves counts as
    /// sent; no other does.
    [[nodiscard]] bool may_send(std::size_t bytes, cargo what, time_point now) noexcept;

    /// The peer is where it is taken to be, as something else has shown.
    void validate() noexcept { unvalidated_.reset(); }
    [[nodiscard]] bool is_validated() const noexcept { return !unvalidated_; }
    /// The path last validated.
    [[nodiscard]] const wire::path& validated(const wire::path& current) const noexcept
    {
        return unvalidated_ ? unvalidated_->last_validated : current;
    }

    // RFC 9146 6: the peer is to receive at its new address; who sends from there may have copied.

    /// Whether a record of this number, which came by another path before, has come by the path last
    /// validated now, so that the move is to be taken back, if it verifies.
    [[nodiscard]] bool is_undone_by(const wire::path& from, std::uint64_t number) const noexcept
    {
        return unvalidated_ && from == unvalidated_->last_validated && number >= unvalidated_->left_with;
    }
    void undo(wire::path& current, time_point now) noexcept;
    /// How often that was since the last call.
    [[nodiscard]] unsigned take_undone() noexcept { return std::exchange(undone_, std::uint16_t{0}); }

    // The return routability check, where both sides know it.

    /// Eight bytes, to be sent in a path_challenge now; empty: none is due, or it must not leave yet. The
    /// same again until it has left.
    [[nodiscard]] std::optional<std::uint64_t> next_challenge(time_point now) const noexcept;
    /// A path_response came.
    void responded(std::uint64_t cookie) noexcept;
    /// Nobody has answered in time: back to the path last validated. Whether `current` has changed.
    [[nodiscard]] bool give_up(wire::path& current, time_point now) noexcept;
    /// When to ask the two above.
    [[nodiscard]] time_point next_wake() const noexcept;

private:
    static constexpr unsigned challenges = 3;

    /// Newest records from one address.
    struct presence {
        time_point since{}, last{};
        std::uint32_t datagrams = 0;

        void note(time_point now) noexcept;
        [[nodiscard]] bool is_sustained() const noexcept
        {
            return datagrams >= sustained_datagrams && last - since >= sustained_time;
        }
    };
    /// The state of the present path until it is validated.
    struct unvalidated_path {
        wire::path last_validated;
        std::uint64_t left_with = 0;  ///< the number of the record that led away from that
        time_point checked_since;
        std::uint16_t challenged = 0;  ///< times
        move_policy policy{};
        bool has_rate = false;    ///< may be sent `unvalidated_bytes_per_second`
        gate::budget earned{};    ///< three times the bytes that came
        std::size_t in_kind = 0;  ///< bytes that came, less the data that went
        presence seen{};
    };
    [[nodiscard]] unvalidated_path begin(const wire::path& current, const arrival& record, move_policy policy,
                                         time_point now) const noexcept;
    void return_to_validated(wire::path& current) noexcept;
    [[nodiscard]] bool is_same_host(const wire::path& one, const wire::path& other) const noexcept;
    [[nodiscard]] bool checks_paths() const noexcept { return challenge_size_ > 0; }
    [[nodiscard]] bool may_challenge() const noexcept;
    [[nodiscard]] std::size_t reserved() const noexcept;
    [[nodiscard]] std::uint64_t cookie(unsigned sent) const noexcept;
    [[nodiscard]] time_point due() const noexcept;

    gate::hash_key seed_;
    std::shared_ptr<move_terms> terms_;
    duration interval_;  ///< that refills one move; zero: they are not counted
    duration patience_;  ///< with an answer; RFC 9853 5.5: T
    std::size_t rate_;   ///< bytes a second, where it may have one
    std::uint32_t challenge_size_;
    std::uint16_t undone_ = 0;
    wire::endpoint origin_;
    std::uint64_t moves_ = 0;
    wire::token_bucket moves_left_;
    gate::byte_bucket bytes_left_;
    time_point held_until_{};
    std::optional<unvalidated_path> unvalidated_;
};

/// Lets through what may be sent to where the peer is taken to be; the rest is lost, as on the network.
class rationed_outbox final : public wire::outbox {
public:
    rationed_outbox(roaming& peer, roaming::cargo what, time_point now, wire::outbox& out,
                    unsigned& withheld) noexcept
        : peer_{peer}, what_{what}, now_{now}, out_{out}, withheld_{withheld}
    {
    }
    void send(const wire::path& to, wire::bytes datagram) noexcept override
    {
        if (peer_.may_send(datagram.size(), what_, now_))
            out_.send(to, datagram);
        else
            ++withheld_;
    }

private:
    roaming& peer_;
    roaming::cargo what_;
    time_point now_;
    wire::outbox& out_;
    unsigned& withheld_;
};

}  // namespace quivive::sessions
