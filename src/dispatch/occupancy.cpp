#include "dispatch/occupancy.hpp"

#include "dispatch/connection.hpp"

namespace quivive::dispatch {

namespace {

/// Approximate sizes, including GnuTLS's memory.
constexpr std::size_t bytes_of_handshake = 20'480, bytes_of_session = 2'048;
/// Memory for the flight and the hello of a handshake until its peer responds, beyond `bytes_of_handshake`.
constexpr std::size_t min_held = 2'048;

/// Returns the handshake to displace for a new one, or null.
template <std::size_t Level>
connection* find_displaced(const pending_queue<Level>* queue, validation validation, const limits& limits,
                           time_point now) noexcept
{
    if (!queue || validation != validation::validated) return nullptr;
    if (auto* const unvalidated = queue->oldest(validation::unvalidated)) return unvalidated;
    auto* const oldest = queue->oldest(validation::validated);
    return oldest && now >= oldest->since() + limits.half_open_grace ? oldest : nullptr;
}

/// Use of the quota of a source, or of the network around it.
struct occupied {
    std::size_t sessions = 0, half_open = 0, shares = 1;
    bool counts_sessions = true;

    [[nodiscard]] std::optional<reached_share> reached(const limits& limits) const noexcept
    {
        const auto most = shares * source_shares::sessions_of(limits);
        if (counts_sessions && sessions >= most)
            return reached_share{.shares = shares, .why = drop_reason::source_session_limit};
        const auto max_half_open = shares * limits.max_half_open_per_source;
        if (half_open >= max_half_open)
            return reached_share{.shares = shares, .why = drop_reason::source_half_open_limit};
        return std::nullopt;
    }
};

/// Returns the capacity that displacing `displaced` frees. Returns the reason `full` when `displaced` is
/// null.
capacity capacity_from(connection* displaced, drop_reason full)
{
    if (!displaced) return {full};
    return {{}, displaced->shared_from_this()};
}

}  // namespace

/// One displaced handshake frees capacity within every limit.
capacity occupancy::find_capacity(const unknown_peer& peer, const limits& limits,
                                  time_point now) const noexcept
{
    const auto oldest_of = [&](const auto* queue) { return find_displaced(queue, peer.which, limits, now); };
    if (const auto from = source_of(peer.peer))
        if (auto found = find_in_shares(peer, *from, limits, oldest_of)) return *found;
    if (half_open_.size() >= limits.max_half_open)
        return capacity_from(oldest_of(&half_open_.all()), drop_reason::half_open_limit);
    if (memory_.left_of(limits.half_open_bytes_total) < min_held)
        return capacity_from(oldest_of(&half_open_.all()), drop_reason::half_open_memory);
    if (connections_ >= limits.max_sessions)
        return capacity_from(
            peer.which == validation::validated ? half_open_.all().oldest(validation::unvalidated) : nullptr,
            drop_reason::session_limit);
    return {};
}

/// Returns empty when neither quota is reached.
template <typename OldestOf>
std::optional<capacity> occupancy::find_in_shares(const unknown_peer& peer, const source& from,
                                                  const limits& limits, OldestOf oldest_of) const noexcept
{
    const auto& prefixes = shares_.prefixes();
    const auto check_quota = [&](const auto* queue, std::uint64_t id, unsigned length, std::size_t shares) {
        const occupied there{shares_.count(id), queue ? queue->size() : 0, shares, !peer.replaces};
        auto share = there.reached(limits);
        if (!share) return std::optional<capacity>{};
        auto found = capacity_from(oldest_of(queue), share->why);
        share->source = id;
        share->prefix_length = length;
        if (found.full) found.share = share;
        return std::optional{found};
    };
    const auto found = check_quota(half_open_.of_source(from), from.own, prefixes.own_length(peer.peer), 1);
    if (found || !from.around) return found;
    return check_quota(half_open_.around(from), *from.around, prefixes.around_length(peer.peer),
                       source_shares::shares_around);
}

void occupancy::note_in_use() noexcept
{
    in_use_.note(half_open_.size() * bytes_of_handshake + memory_.bytes() + connections_ * bytes_of_session);
}

}  // namespace quivive::dispatch
