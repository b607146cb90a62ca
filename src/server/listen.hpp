#pragma once

#include "quivive/server_config.hpp"
#include "transport/udp_socket.hpp"

#include <vector>

namespace quivive::runtime {

/// Opens the sockets of all shards: `[shard][listen address]`. All are open before the first datagram is
/// read, because the kernel spreads peers over the open sockets (SO_REUSEPORT). Throws
/// `boost::system::system_error`.
[[nodiscard]] std::vector<std::vector<transport::udp_socket>> open_sockets(const server_config& config,
                                                                           std::size_t shards);

}  // namespace quivive::runtime
