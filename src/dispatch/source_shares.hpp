#pragma once

#include "dispatch/source.hpp"
#include "quivive/drop_reason.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace quivive::dispatch {

/// A limit on what one source may have that a newcomer has met.
struct reached_share {
    std::uint64_t source = 0;
    unsigned prefix_length = 0;  ///< of it, in an address
    std::size_t shares = 1;      ///< that it may have: `source_shares::around`, or one
    drop_reason why{};
};

/// How many sessions and handshakes each source has, and how many it may have. The table has an entry, or
/// two, for each source that has some, and no other.
class source_shares {
public:
    /// Shares of the wider network around a source.
    static constexpr std::size_t shares_around = 4;

    explicit source_shares(source_prefixes prefixes) : prefixes_{prefixes} {}

    [[nodiscard]] const source_prefixes& prefixes() const noexcept { return prefixes_; }

    /// One more that began at `peer`. May throw std::bad_alloc, and has changed nothing then.
    void add(const wire::endpoint& peer);
    /// One that was added has ended.
    void remove(const wire::endpoint& peer) noexcept;

    /// How many a source has, or a network around one.
    [[nodiscard]] std::size_t count(std::uint64_t id) const noexcept
    {
        const auto found = counts_.find(id);
        return found == counts_.end() ? 0 : found->second;
    }
    [[nodiscard]] bool empty() const noexcept { return counts_.empty(); }

    /// What one source may have (`limits::max_sessions_per_source`).
    [[nodiscard]] static std::size_t sessions_of(const limits& limits) noexcept;

private:
    void take(std::uint64_t id) noexcept;

    source_prefixes prefixes_;
    std::unordered_map<std::uint64_t, std::uint32_t, source_id_hash> counts_;
};

}  // namespace quivive::dispatch
