#pragma once

#include "dispatch/occupancy.hpp"
#include "dispatch/spent_hellos.hpp"
#include "dispatch/timer_wheel.hpp"
#include "gate/budget.hpp"
#include "session/association.hpp"
#include "tls/prestate.hpp"
#include "wire/connection_id.hpp"

#include <cstddef>
#include <memory>
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

/// One association of the table, with what the dispatcher keeps beside it.
struct member final : sessions::association, wheel_timer, std::enable_shared_from_this<member> {
    using sessions::association::association;

    /// Of a peer that was admitted without a cookie, for as long as it must be sent no more than it may.
    struct doubt {
        gate::budget allowance;
        /// Added to it once a flight that is being made elsewhere has been weighed.
        gate::budget meanwhile;
        time_point heard;       ///< when its last datagram came
        bool answered = false;  ///< the first flight has left
        bool too_long = false;  ///< the first flight was beyond the allowance, and has not
    };

    /// What matters only until the Finished; its end gives the place among the half-open back.
    struct beginning {
        /// May throw std::bad_alloc.
        beginning(occupancy& in, member& who, standing which, const tls::prestate& at)
            : place{in.half_open(), who, which, in.source_of(who.path().peer)}, held{in.memory()}, start{at}
        {
        }

        /// May throw std::bad_alloc.
        void keep_hello(wire::bytes records) { hello.assign(records.begin(), records.end()); }

        half_open_place place;
        held_memory::part held;
        tls::prestate start;
        /// While the application decides: all of it, in records, the first one with its beginning. Then, of
        /// one in doubt: that first record, until its answer has left.
        std::vector<std::byte> hello;
        std::unique_ptr<doubt> in_doubt;  ///< of few: null for the rest
        std::size_t away = 0;       ///< bytes that it held, and of its records, while it is at work elsewhere
        bool begun = false;         ///< its first step has been taken, or is being
        bool answered = false;      ///< its flight has left, and with it all that a handshake costs
        std::size_t most_held = 0;  ///< what it may hold, and may wait for it, meanwhile
        std::vector<std::byte> waiting;  ///< records, while the handshake is at work elsewhere
    };

    std::unique_ptr<beginning> half_open;
    hello_mark made_by{};
    bool proven = false;                     ///< it gave back a cookie
    wire::own_connection_id id;              ///< by which it can be found; empty: by its address only
    std::shared_ptr<dispatch::owner> owner;  ///< the server layer's, released when the member has ended

    /// Counts anew what it holds, unless its handshake is over.
    void count_held() noexcept
    {
        if (!half_open) return;
        half_open->held.set(held_bytes() + half_open->away + half_open->hello.size() +
                            half_open->waiting.size());
    }

    /// Null once its address is proven, and when its network is trusted.
    [[nodiscard]] doubt* in_doubt() const noexcept { return half_open ? half_open->in_doubt.get() : nullptr; }

    [[nodiscard]] bool was_made_by(wire::bytes random) const noexcept { return made_by == mark_of(random); }
};

}  // namespace quivive::dispatch
