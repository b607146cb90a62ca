#pragma once

#include "config/problem.hpp"
#include "quivive/config_file.hpp"

#include <vector>

namespace quivive::config {

/// Returns the problems of values that are valid each, but not in combination.
[[nodiscard]] std::vector<problem> check(const config_file& file);

}  // namespace quivive::config
