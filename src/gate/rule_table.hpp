#pragma once

#include "gate/network_map.hpp"
#include "quivive/cookie_policy.hpp"

namespace quivive::gate {

/// Which exchange a peer's network has: that of the first rule which names it, else the policy's default.
/// Immutable, and so safe to use from several threads.
class rule_table {
public:
    explicit rule_table(const cookie_policy& policy);

    [[nodiscard]] cookie_exchange find(const wire::endpoint& peer) const noexcept
    {
        return exchanges_.find(peer);
    }
    /// Whether some peer has it.
    [[nodiscard]] bool has(cookie_exchange exchange) const noexcept { return exchanges_.has(exchange); }

private:
    network_map<cookie_exchange> exchanges_;
};

}  // namespace quivive::gate
