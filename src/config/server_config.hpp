#pragma once

#include "quivive/client.hpp"
#include "quivive/limits.hpp"
#include "quivive/server_config.hpp"

#include <string>
#include <vector>

namespace quivive::config {

/// The problems of a part of a configuration, one sentence each: the key, what is wrong, what would be right.
[[nodiscard]] std::vector<std::string> check(const limits& limits);
[[nodiscard]] std::vector<std::string> check(const client_config& config);
[[nodiscard]] std::vector<std::string> check_mtus(std::size_t mtu, std::size_t handshake_mtu);

}  // namespace quivive::config
