#pragma once

#include "dispatch/occupancy.hpp"
#include "dispatch/replaced_hellos.hpp"
#include "dispatch/timer_wheel.hpp"
#include "gate/amplification_limiter.hpp"
#include "session/association.hpp"
#include "tls/prestate.hpp"
#include "wire/connection_id.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::dispatch {

/// State that the layer above attaches to a connection.
class owner {
public:
    virtual ~owner() = default;
    /// Messages are queued.
    virtual void on_readable() {}
    /// Discards the operations waiting on the connection, and the references to it.
    virtual void abort() noexcept = 0;
};

/// An association in the table, with the dispatcher's own state.
struct connection final : sessions::association, wheel_timer, std::enable_shared_from_this<connection> {
    using sessions::association::association;

    /// Anti-amplification state of a peer admitted without a cookie, until its address is validated.
    struct unvalidated_state {
        gate::amplification_limiter limiter;
        /// Bytes received while a step runs on another thread. Added to `limiter` after the size of the
        /// step's flight has been checked.
        gate::amplification_limiter deferred;
        time_point last_received;    ///< when its last datagram arrived
        bool flight_sent = false;    ///< the first flight has been sent
        bool exceeds_limit = false;  ///< the first flight exceeded the limit and was not sent
    };

    /// State needed only until the Finished. Its destructor removes the handshake from the half-open ones and
    /// frees its memory count.
    struct pending_handshake {
        /// May throw std::bad_alloc.
        pending_handshake(occupancy& in, connection& connection, validation which, const tls::prestate& at)
            : entry{in.half_open(), connection, which, in.source_of(connection.path().peer)},
              held{in.memory()},
              start{at}
        {
        }

        /// May throw std::bad_alloc.
        void buffer_hello(wire::bytes records) { hello.assign(records.begin(), records.end()); }

        pending_entry entry;
        held_memory::reservation held;
        tls::prestate start;
        /// While the application decides: the whole ClientHello in records, beginning with the first
        /// fragment. Then, for an unvalidated peer: that first record, until the response flight has been
        /// sent.
        std::vector<std::byte> hello;
        std::unique_ptr<unvalidated_state> unvalidated;  ///< null for a validated peer
        std::size_t detached_bytes = 0;  ///< bytes held by a step on another thread, its records included
        bool begun = false;              ///< the first step has been created
        bool flight_sent = false;        ///< the flight has been sent, so the cost of a handshake is spent
        std::size_t max_held = 0;        ///< limit for its memory and waiting records during a step
        std::vector<std::byte> waiting;  ///< records that wait while a step runs on another thread
    };

    std::unique_ptr<pending_handshake> pending;
    client_random_digest client_random{};
    bool validated = false;                  ///< the peer returned a cookie
    wire::own_connection_id id;              ///< connection id in the table; empty: indexed by address only
    std::shared_ptr<dispatch::owner> owner;  ///< set by the server layer; released at the close

    /// Updates the memory count of the handshake. Does nothing once the handshake is over.
    void count_held() noexcept
    {
        if (!pending) return;
        pending->held.set(held_bytes() + pending->detached_bytes + pending->hello.size() +
                          pending->waiting.size());
    }

    /// Null once its address is validated, and when its network is trusted.
    [[nodiscard]] unvalidated_state* unvalidated() const noexcept
    {
        return pending ? pending->unvalidated.get() : nullptr;
    }

    [[nodiscard]] bool was_begun_by(wire::bytes random) const noexcept
    {
        return client_random == digest_of(random);
    }
};

}  // namespace quivive::dispatch
