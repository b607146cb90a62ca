#pragma once

#include "support/world.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace quivive::test {

inline quivive::limits with_share(std::size_t sessions, std::size_t handshakes = 1'024)
{
    limits few;
    few.max_sessions_per_source = sessions;
    few.max_half_open_per_source = handshakes;
    return few;
}

inline void share(world& around, std::string_view shared)
{
    around.terms.moves = std::make_shared<const gate::move_rules>(
        connection_id_policy{}, std::vector<network>{network::parse(shared).value()});
    around.server->use(around.terms);
}

/// Sends the client's hello, returns whether it was admitted, and loses the answer.
inline bool is_admitted(world& around, remote& client)
{
    const bool admitted = around.begin(client).disposition == dispatch::disposition::delivered;
    around.outgoing.clear();
    return admitted;
}

}  // namespace quivive::test
