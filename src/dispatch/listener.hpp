#pragma once

#include "dispatch/member.hpp"
#include "gate/gate.hpp"
#include "quivive/load.hpp"
#include "wire/client_hello.hpp"

namespace quivive::dispatch {

[[nodiscard]] inline standing standing_of(const gate::verdict& admitted) noexcept
{
    return admitted.on_budget ? standing::in_doubt : standing::proven;
}

/// What the application wants done with a ClientHello that the policy would admit.
enum class reception : unsigned char {
    shake_hands,
    offer,       ///< keep it for an accept loop
    queue_full,  ///< the same, but nobody accepts; one in doubt is challenged
    challenge,   ///< ask for the cookie first, if this one came without
    refuse,
};

/// Told by the dispatcher what it decided. Calls come from within `route`, `advance` and the rest, so an
/// implementation notes them and acts later: it must not call the dispatcher.
class listener {
public:
    /// Once for each ClientHello that would be admitted, before any state is made.
    [[nodiscard]] virtual reception admit(const wire::client_hello_view& hello, const wire::path& path,
                                          const gate::verdict& judged, const load& load) noexcept = 0;

    /// A newcomer at `peer` was dropped, its source having what one may have.
    virtual void share_reached(const wire::endpoint& peer, const reached_share& share) noexcept = 0;

    virtual void offered(member& who, const wire::client_hello_view& hello) noexcept = 0;
    virtual void established(member& who) noexcept = 0;
    /// A message was added to its queue.
    virtual void readable(member& who) noexcept = 0;
    /// Its peer has another address now; it was at `before`.
    virtual void moved(member& who, const wire::path& before) noexcept = 0;
    /// An offered or half-open one is given up, or a session is over; the table has forgotten it.
    virtual void ended(member& who, bool was_session) noexcept = 0;
    /// It has become high, or normal again.
    virtual void load_changed(const load& now) noexcept = 0;

protected:
    ~listener() = default;
};

}  // namespace quivive::dispatch
