#pragma once

#include "gate/network_map.hpp"
#include "quivive/connection_ids.hpp"

#include <vector>

namespace quivive::gate {

/// Rules for how far a session trusts the new address of its peer. Immutable, so safe to use from several
/// threads.
class move_rules {
public:
    explicit move_rules(const connection_id_policy& policy = {}, const std::vector<network>& shared = {});

    [[nodiscard]] move_policy find(const wire::endpoint& moved_to) const noexcept
    {
        return policies_.find(moved_to);
    }
    /// Returns whether several users share this address (`server_config::shared_networks`).
    [[nodiscard]] bool is_shared(const wire::endpoint& peer) const noexcept { return shared_.find(peer); }

private:
    network_map<move_policy> policies_;
    network_map<bool> shared_;
};

}  // namespace quivive::gate
