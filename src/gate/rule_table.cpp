#include "gate/rule_table.hpp"

namespace quivive::gate {

namespace {

auto rules_of(const cookie_policy& policy)
{
    std::vector<network_map<cookie_exchange>::rule> rules;
    for (const auto& each : policy.rules) rules.push_back({each.networks, each.exchange});
    return rules;
}

}  // namespace

rule_table::rule_table(const cookie_policy& policy) : exchanges_{rules_of(policy), policy.exchange} {}

}  // namespace quivive::gate
