#pragma once

#include "config/problem.hpp"
#include "quivive/config_file.hpp"

#include <vector>

namespace quivive::config {

/// What is wrong with values that are right each by itself, but not together.
[[nodiscard]] std::vector<problem> check(const config_file& file);

}  // namespace quivive::config
