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
    /// `seed`: of the challenges, which nobody shall guess.
    roaming(gate::hash_key seed, bool checks_paths, const quivive::limits& limits) noexcept;

    /// A record that verified came from elsewhere: whether `current` becomes `from`.
    [[nodiscard]] bool follow(wire::path& current, const wire::path& from, bool newest,
                              time_point now) noexcept;

    /// Bytes of authentic records that came from where the peer is taken to be.
    void received(std::size_t bytes) noexcept;

    /// False: so much must not leave, the peer having shown nothing yet.
    [[nodiscard]] bool may_send(std::size_t bytes) noexcept;

    /// The peer is where it is taken to be, as something else has shown.
    void prove() noexcept { doubt_.reset(); }
    [[nodiscard]] bool in_doubt() const noexcept { return doubt_.has_value(); }
    /// Where the peer was last shown to be.
    [[nodiscard]] const wire::path& proven(const wire::path& current) const noexcept
    {
        return doubt_ ? doubt_->proven : current;
    }

    // The return routability check, where both sides know it.

    /// Eight bytes, to be sent in a path_challenge now; empty: none is due.
    [[nodiscard]] std::optional<std::uint64_t> next_challenge(time_point now) noexcept;
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
        time_point begun;
        unsigned sent = 0;  ///< challenges
    };
    [[nodiscard]] std::uint64_t cookie(unsigned sent) const noexcept;
    [[nodiscard]] time_point due() const noexcept;

    gate::hash_key seed_;
    duration interval_;  ///< between two changes of the address
    duration patience_;  ///< with an answer; RFC 9853 5.5: T
    bool checks_paths_;
    std::uint64_t moves_ = 0;
    time_point movable_{};
    std::optional<doubt> doubt_;
};

/// Lets through what may be sent to where the peer is taken to be; the rest is lost, as on the network.
class rationed_outbox final : public wire::outbox {
public:
    rationed_outbox(roaming& peer, wire::outbox& out, unsigned& withheld) noexcept
        : peer_{peer}, out_{out}, withheld_{withheld}
    {
    }
    void send(const wire::path& to, wire::bytes datagram) noexcept override
    {
        if (peer_.may_send(datagram.size()))
            out_.send(to, datagram);
        else
            ++withheld_;
    }

private:
    roaming& peer_;
    wire::outbox& out_;
    unsigned& withheld_;
};

}  // namespace quivive::sessions
