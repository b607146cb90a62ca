#pragma once

#include "dispatch/handshake_step.hpp"
#include "dispatch/member.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::detail {

/// A shard while its sessions are on their way to another process: they are copied already and not gone yet,
/// so nothing of them may change. Else a nonce could be used in both processes, a message be read in both,
/// and a session that ends here go on there. What happens meanwhile waits here.
struct standstill {
    struct datagram {
        wire::path path;
        std::vector<std::byte> bytes;
    };

    bool holds = false;
    std::vector<std::shared_ptr<dispatch::member>> leaving;        ///< that were copied
    std::vector<std::shared_ptr<dispatch::member>> closing;        ///< that the application has closed since
    std::vector<datagram> handed_over;                             ///< by other shards
    std::vector<std::size_t> readable;                             ///< sockets
    std::vector<std::unique_ptr<dispatch::handshake_step>> steps;  ///< that have come back
};

}  // namespace quivive::detail
