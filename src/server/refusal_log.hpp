#pragma once

#include "dispatch/source_shares.hpp"
#include "quivive/limits.hpp"
#include "server/peer_log.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace quivive::runtime {

/// The limits of a whole server, and the number of threads that divide them equally.
struct server_limits {
    const quivive::limits& limits;
    std::size_t threads = 1;
};

/// Logs once for each source that it has reached its quota, with the setting that raises the quota. Raising
/// it may be right for a carrier-grade NAT. Limits the lines a minute and the number of remembered sources.
/// When that number is reached, all sources are cleared.
class refusal_log {
public:
    static constexpr unsigned lines_per_minute = 10;
    static constexpr std::size_t max_sources = 1'024;

    /// Logs that a new handshake from `peer` was dropped because of the quota.
    void note(const wire::endpoint& peer, const dispatch::reached_share& share, const server_limits& by,
              peer_log& log, time_point now);

    /// Clears the sources after a change of limits. A source that reaches a new limit is then logged again,
    /// so the operator can check the new limits.
    void clear() noexcept { logged_.clear(); }

private:
    [[nodiscard]] bool may_log(time_point now) noexcept;

    std::unordered_set<std::uint64_t, dispatch::source_id_hash> logged_;
    time_point minute_{};
    unsigned lines_ = 0;
};

}  // namespace quivive::runtime
