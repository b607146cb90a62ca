#pragma once

#include "dispatch/source.hpp"
#include "quivive/drop_reason.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace quivive::dispatch {

/// A quota of a source that a new handshake has reached.
struct reached_share {
    std::uint64_t source = 0;
    unsigned prefix_length = 0;  ///< number of address bits that identify the source
    std::size_t shares = 1;      ///< quotas: `source_shares::shares_around` for a network, otherwise one
    drop_reason why{};
};

/// Counts the sessions and handshakes of each source against its quota. Contains one or two entries for each
/// source that has any, and no others.
class source_shares {
public:
    /// Number of quotas of the wider network around a source.
    static constexpr std::size_t shares_around = 4;

    explicit source_shares(source_prefixes prefixes) : prefixes_{prefixes} {}

    [[nodiscard]] const source_prefixes& prefixes() const noexcept { return prefixes_; }

    /// Counts a connection that began at `peer`. May throw std::bad_alloc, without effect.
    void add(const wire::endpoint& peer);
    /// Subtracts a connection that was added.
    void remove(const wire::endpoint& peer) noexcept;

    /// Returns the count of a source, or of a network around one.
    [[nodiscard]] std::size_t count(std::uint64_t id) const noexcept
    {
        const auto found = counts_.find(id);
        return found == counts_.end() ? 0 : found->second;
    }
    [[nodiscard]] bool empty() const noexcept { return counts_.empty(); }

    /// Returns the session quota of one source (`limits::max_sessions_per_source`).
    [[nodiscard]] static std::size_t sessions_of(const limits& limits) noexcept;

private:
    void take(std::uint64_t id) noexcept;

    source_prefixes prefixes_;
    std::unordered_map<std::uint64_t, std::uint32_t, source_id_hash> counts_;
};

}  // namespace quivive::dispatch
