#pragma once

#include "config/problem.hpp"
#include "quivive/server_config.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive::config {

/// Returns the problems of `server.connection_ids`, including conflicts with other keys.
[[nodiscard]] std::vector<problem> check_connection_ids(const server_config& server);

/// "connection_ids.rule[2]"
[[nodiscard]] std::string move_rule_key(std::size_t index);

}  // namespace quivive::config
