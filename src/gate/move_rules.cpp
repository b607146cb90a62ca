#include "gate/move_rules.hpp"

namespace quivive::gate {

namespace {

auto policies_of(const connection_id_policy& policy)
{
    std::vector<network_map<move_policy>::rule> rules;
    for (const auto& each : policy.rules) rules.push_back({each.networks, each.moves});
    return rules;
}

}  // namespace

move_rules::move_rules(const connection_id_policy& policy, const std::vector<network>& shared)
    : policies_{policies_of(policy), policy.moves}, shared_{{{shared, true}}, false}
{
}

}  // namespace quivive::gate
