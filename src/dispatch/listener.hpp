#pragma once

#include "dispatch/connection.hpp"
#include "gate/gate.hpp"
#include "quivive/load.hpp"
#include "wire/client_hello.hpp"

namespace quivive::dispatch {

[[nodiscard]] inline validation validation_of(const gate::verdict& admitted) noexcept
{
    return admitted.amplification_limited ? validation::unvalidated : validation::validated;
}

/// Decision of the application on a ClientHello that the policy would admit.
enum class admission_action : unsigned char {
    accept,
    offer,       ///< keep it for an accept loop
    queue_full,  ///< like `offer`, but the accept queue is full; an unvalidated peer is challenged
    challenge,   ///< request the cookie first, if this hello came without one
    refuse,
};

/// Receives the events of the dispatcher. Calls come from inside `route`, `advance` and other calls of the
/// dispatcher. An implementation records them and acts later: it must not call the dispatcher.
class listener {
public:
    /// Called once for each ClientHello that would be admitted, before any state is allocated.
    [[nodiscard]] virtual admission_action admit(const wire::client_hello_view& hello, const wire::path& path,
                                                 const gate::verdict& verdict, const load& load) noexcept = 0;

    /// A new ClientHello from `peer` was dropped because its source has reached its quota.
    virtual void share_reached(const wire::endpoint& peer, const reached_share& share) noexcept = 0;

    virtual void offered(connection& connection, const wire::client_hello_view& hello) noexcept = 0;
    virtual void established(connection& connection) noexcept = 0;
    /// A message was added to the receive queue of `connection`.
    virtual void readable(connection& connection) noexcept = 0;
    /// The peer has moved from `before` to a new address.
    virtual void moved(connection& connection, const wire::path& before) noexcept = 0;
    /// An offered or half-open connection was aborted, or a session is over. The table no longer contains it.
    virtual void ended(connection& connection, bool was_session) noexcept = 0;
    /// The load has become high, or normal again.
    virtual void load_changed(const load& now) noexcept = 0;

protected:
    ~listener() = default;
};

}  // namespace quivive::dispatch
