#pragma once

#include "wire/connection_id.hpp"

#include <array>
#include <cstdint>

namespace quivive::record {

/// Connection ids and path validation as negotiated by both sides (RFC 9146 3, RFC 9853 3).
struct connection_ids {
    wire::own_connection_id own;          ///< in each protected record of the peer; empty: records without id
    wire::peers_connection_id peers;      ///< in each protected record sent to the peer; empty: likewise
    bool checks_paths = false;            ///< both sides support return_routability_check
    std::array<std::uint64_t, 2> seed{};  ///< random seed of path challenges
};

}  // namespace quivive::record
