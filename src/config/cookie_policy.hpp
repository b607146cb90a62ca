#pragma once

#include "config/problem.hpp"
#include "quivive/cookie_policy.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive::config {

/// Returns the problems of the policy in this build.
[[nodiscard]] std::vector<problem> check(const cookie_policy& policy);

/// Returns whether the rule applies to all of IPv4 or all of IPv6.
[[nodiscard]] bool names_everyone(const cookie_rule& rule);

/// "cookies.rule[2]"
[[nodiscard]] std::string rule_key(std::size_t index);

}  // namespace quivive::config
