#include "dispatch/source_shares.hpp"

#include <algorithm>

namespace quivive::dispatch {

void source_shares::add(const wire::endpoint& peer)
{
    const auto from = prefixes_.of(peer);
    ++counts_[from.own];
    if (!from.around) return;
    try {
        ++counts_[*from.around];
    } catch (...) {
        take(from.own);
        throw;
    }
}

void source_shares::remove(const wire::endpoint& peer) noexcept
{
    const auto from = prefixes_.of(peer);
    take(from.own);
    if (from.around) take(*from.around);
}

void source_shares::take(std::uint64_t id) noexcept
{
    const auto found = counts_.find(id);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

std::size_t source_shares::sessions_of(const limits& limits) noexcept
{
    if (limits.max_sessions_per_source > 0) return limits.max_sessions_per_source;
    return std::max<std::size_t>(1, limits.max_sessions / 10);
}

}  // namespace quivive::dispatch
