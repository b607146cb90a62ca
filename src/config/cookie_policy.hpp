#pragma once

#include "quivive/cookie_policy.hpp"

#include <string>
#include <vector>

namespace quivive::config {

/// What is wrong with the policy in this build, one sentence each.
[[nodiscard]] std::vector<std::string> check(const cookie_policy& policy);

}  // namespace quivive::config
