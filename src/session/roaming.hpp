#pragma once

#include "gate/budget.hpp"
#include "gate/keyed_hash.hpp"
#include "quivive/limits.hpp"
#include "wire/outbox.hpp"
#include "wire/time.hpp"

#include <array>
#include <optional>

namespace quivive::sessions {

/// Where the peer of a session with a connection id is. It may go to another address and go on from there
/// (RFC 9146 6); but who only copies its datagrams from elsewhere must gain nothing: the address changes for
/// the newest record alone, not too often, and is sent at most three times the bytes that came from it until
/// the peer has shown that it is there (RFC 9853 5.1, the basic procedure). Decides; the association acts.
class roaming {
public:
    /// What shall go to where the peer is taken to be.
    enum class cargo : unsigned char {
        data,       ///< leaves what the challenges that are still to be sent need
        challenge,  ///< that `next_challenge` has given
        answer,     ///< a path_response, or what ends the session: may take all that is left
    };

    /// RFC 9853 4: a type, and eight bytes.
    static constexpr std::size_t path_message_size = 9;

    /// `seed`: of the challenges, which nobody shall guess. `challenge_size`: bytes of a record with one;
    /// zero where the peer does not know the check.
    roaming(gate::hash_key seed, std::size_t challenge_size, const quivive::limits& limits) noexcept;

    /// A record that verified came from elsewhere: whether `current` becomes `from`.
    [[nodiscard]] bool follow(wire::path& current, const wire::path& from, bool newest,
                              time_point now) noexcept;

    /// Bytes of authentic records that came from where the peer is taken to be.
    void received(std::size_t bytes) noexcept;

    /// False: so much must not leave, the peer having shown nothing yet. A challenge that leaves counts as
    /// sent; no other does.
    [[nodiscard]] bool may_send(std::size_t bytes, cargo what) noexcept;

    /// The peer is where it is taken to be, as something else has shown.
    void prove() noexcept { doubt_.reset(); }
    [[nodiscard]] bool in_doubt() const noexcept { return doubt_.has_value(); }
    /// Where the peer was last shown to be.
    [[nodiscard]] const wire::path& proven(const wire::path& current) const noexcept
    {
        return doubt_ ? doubt_->proven : current;
    }

    // The return routability check, where both sides know it.

    /// Eight bytes, to be sent in a path_challenge now; empty: none is due, or it must not leave yet. The
    /// same again until it has left.
    [[nodiscard]] std::optional<std::uint64_t> next_challenge(time_point now) const noexcept;
    /// A path_response came.
    void responded(std::uint64_t cookie) noexcept;
    /// Nobody has answered in time: back to where the peer was last shown to be. Whether `current` has
    /// changed.
    [[nodiscard]] bool give_up(wire::path& current, time_point now) noexcept;
    /// When to ask the two above.
    [[nodiscard]] time_point next_wake() const noexcept;

private:
    static constexpr unsigned challenges = 3;

    struct doubt {
        wire::path proven;  ///< where the peer was last shown to be
        gate::budget allowance;
        std::size_t in_kind = 0;  ///< bytes that came, less the data that went
        time_point begun;
        unsigned sent = 0;  ///< challenges
    };
    [[nodiscard]] bool checks_paths() const noexcept { return challenge_size_ > 0; }
    [[nodiscard]] bool may_challenge() const noexcept;
    [[nodiscard]] bool may_send_data(std::size_t bytes) const noexcept;
    [[nodiscard]] std::uint64_t cookie(unsigned sent) const noexcept;
    [[nodiscard]] time_point due() const noexcept;

    gate::hash_key seed_;
    duration interval_;  ///< between two changes of the address
    duration patience_;  ///< with an answer; RFC 9853 5.5: T
    std::size_t challenge_size_;
    std::uint64_t moves_ = 0;
    time_point movable_{};
    std::optional<doubt> doubt_;
};

/// Lets through what may be sent to where the peer is taken to be; the rest is lost, as on the network.
class rationed_outbox final : public wire::outbox {
public:
    rationed_outbox(roaming& peer, roaming::cargo what, wire::outbox& out, unsigned& withheld) noexcept
        : peer_{peer}, what_{what}, out_{out}, withheld_{withheld}
    {
    }
    void send(const wire::path& to, wire::bytes datagram) noexcept override
    {
        if (peer_.may_send(datagram.size(), what_))
            out_.send(to, datagram);
        else
            ++withheld_;
    }

private:
    roaming& peer_;
    roaming::cargo what_;
    wire::outbox& out_;
    unsigned& withheld_;
};

}  // namespace quivive::sessions
