#pragma once

#include "wire/connection_id.hpp"

#include <array>
#include <cstdint>

namespace quivive::record {

/// What both sides have agreed on (RFC 9146 3, RFC 9853 3).
struct connection_ids {
    wire::own_connection_id own;          ///< the peer puts it into each protected record; empty: into none
    wire::peers_connection_id peers;      ///< the same in the other direction
    bool checks_paths = false;            ///< both know return_routability_check
    std::array<std::uint64_t, 2> seed{};  ///< random, for challenges
};

}  // namespace quivive::record
