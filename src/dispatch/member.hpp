#pragma once

#include "dispatch/half_open.hpp"
#include "dispatch/timer_wheel.hpp"
#include "gate/budget.hpp"
#include "session/association.hpp"
#include "tls/prestate.hpp"
#include "wire/connection_id.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace quivive::dispatch {

/// What the layer above keeps of a member.
class owner {
public:
    virtual ~owner() = default;
    /// There are messages.
    virtual void on_readable() {}
    /// Drops what waits for the member, and what it holds itself.
    virtual void let_go() noexcept = 0;
};

/// The random of a ClientHello, folded: tells repeats from newcomers. A client that makes two the same fools
/// itself only.
using hello_mark = std::array<std::byte, 14>;

[[nodiscard]] inline hello_mark mark_of(wire::bytes random) noexcept
{
    hello_mark mark{};
    for (std::size_t i = 0; i < random.size(); ++i) mark[i % mark.size()] ^= random[i];
    return mark;
}

/// One association of the table, with what the dispatcher keeps beside it.
struct member final : sessions::association, wheel_timer, std::enable_shared_from_this<member> {
    using sessions::association::association;

    /// Of a peer that was admitted without a cookie, for as long as it must be sent no more than it may.
    struct doubt {
        gate::budget allowance;
        std::size_t meanwhile = 0;  ///< bytes that came while the first flight was made elsewhere
        time_point heard;           ///< when its last datagram came
        bool answered = false;      ///< the first flight has left
        bool too_long = false;      ///< the first flight was beyond the allowance, and has not
    };

    /// What matters only until the Finished; its end gives the place among the half-open back.
    struct beginning {
        half_open_ledger::ticket place;
        tls::prestate start;
        std::vector<std::byte> hello;  ///< the datagram, while the application decides, or its answer is made
        std::optional<doubt> in_doubt{};
        bool begun = false;                ///< its first step has been taken, or is being
        std::vector<std::byte> waiting{};  ///< records, while the handshake is at work elsewhere
    };

    std::unique_ptr<beginning> half_open;
    hello_mark made_by{};
    bool proven = false;                     ///< it gave back a cookie
    wire::own_connection_id id;              ///< by which it can be found; empty: by its address only
    std::shared_ptr<dispatch::owner> owner;  ///< the server layer's, released when the member has ended

    /// Null once its address is proven, and when its network is trusted.
    [[nodiscard]] doubt* in_doubt() const noexcept
    {
        return half_open && half_open->in_doubt ? &*half_open->in_doubt : nullptr;
    }

    [[nodiscard]] bool was_made_by(wire::bytes random) const noexcept { return made_by == mark_of(random); }
};

}  // namespace quivive::dispatch
