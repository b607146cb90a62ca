#pragma once

#include "gate/network_map.hpp"
#include "quivive/cookie_policy.hpp"

namespace quivive::gate {

/// Maps a peer's network to its cookie exchange: that of the first rule which contains it, otherwise the
/// policy's default. Immutable, so safe to use from several threads.
class rule_table {
public:
    explicit rule_table(const cookie_policy& policy);

    [[nodiscard]] cookie_exchange find(const wire::endpoint& peer) const noexcept
    {
        return exchanges_.find(peer);
    }
    /// Returns whether some address has this exchange.
    [[nodiscard]] bool has(cookie_exchange exchange) const noexcept { return exchanges_.has(exchange); }

private:
    network_map<cookie_exchange> exchanges_;
};

}  // namespace quivive::gate
