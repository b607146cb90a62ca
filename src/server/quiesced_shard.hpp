#pragma once

#include "dispatch/connection.hpp"
#include "dispatch/handshake_step.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::runtime {

/// State of a shard that is quiesced during an export. Its sessions have been copied but not yet removed, so
/// nothing of them may change. Otherwise both processes could use the same nonce or deliver the same message,
/// and a session closed here could continue there. Events that arrive meanwhile are queued here.
struct quiesced_shard {
    struct datagram {
        wire::path path;
        std::vector<std::byte> bytes;
    };

    bool active = false;
    std::vector<std::shared_ptr<dispatch::connection>> exported;   ///< copied to the export
    std::vector<std::shared_ptr<dispatch::connection>> closing;    ///< closed by the application since
    std::vector<datagram> handed_off;                              ///< forwarded by other shards
    std::vector<std::size_t> readable;                             ///< sockets that became readable
    std::vector<std::unique_ptr<dispatch::handshake_step>> steps;  ///< steps that have returned
};

}  // namespace quivive::runtime
