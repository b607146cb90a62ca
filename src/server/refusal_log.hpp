#pragma once

#include "dispatch/source_shares.hpp"
#include "quivive/limits.hpp"
#include "server/peer_log.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace quivive::detail {

/// The limits of a whole server, and the number of threads that have equal parts of them.
struct shared_limits {
    const quivive::limits& limits;
    std::size_t threads = 1;
};

/// Tells of each source, once, that it has reached a limit on what one source may have, and which setting
/// lifts that: behind a carrier's NAT it may be right to. Bounded, whatever peers do: so many lines a minute,
/// and so many sources remembered; then all are forgotten.
class refusal_log {
public:
    static constexpr unsigned lines_per_minute = 10;
    static constexpr std::size_t most_sources = 1'024;

    /// A newcomer at `peer` was dropped for it.
    void note(const wire::endpoint& peer, const dispatch::reached_share& share, const shared_limits& by,
              peer_log& log, time_point now);

    /// The limits have changed: tells of each source again, that the operator sees whether it was enough.
    void forget() noexcept { told_.clear(); }

private:
    [[nodiscard]] bool may_tell(time_point now) noexcept;

    std::unordered_set<std::uint64_t, dispatch::source_id_hash> told_;
    time_point minute_{};
    unsigned lines_ = 0;
};

}  // namespace quivive::detail
