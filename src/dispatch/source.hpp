#pragma once

#include "dispatch/peer_key.hpp"
#include "quivive/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::dispatch {

/// A source of ClientHellos, as limits count it. `own` is the network of one holder, at least one address.
/// `around` is a wider network, with a quota of `source_shares::shares_around` sources. Both are keyed
/// hashes, so that tables stay small. Two sources with colliding hashes share one quota.
struct source {
    std::uint64_t own = 0;
    std::optional<std::uint64_t> around;  ///< empty where the own network is as wide
};

/// The id is already a keyed hash.
struct source_id_hash {
    std::size_t operator()(std::uint64_t id) const noexcept { return id; }
};

/// Prefix lengths that identify the holder of an address (`limits::source_prefix_ipv4`,
/// `source_prefix_ipv6`).
class source_prefixes {
public:
    /// Prefix lengths of the wider network. An IPv6 site has at most a /48 as a rule (RFC 6177). A /24 is the
    /// smallest routed IPv4 network.
    static constexpr unsigned around_ipv4 = 24, around_ipv6 = 48;

    source_prefixes(hash_key key, const limits& limits) noexcept
        : key_{key},
          ipv4_{static_cast<unsigned>(limits.source_prefix_ipv4)},
          ipv6_{static_cast<unsigned>(limits.source_prefix_ipv6)}
    {
    }

    /// Returns the prefixes of `changed` with the same key.
    [[nodiscard]] source_prefixes with(const limits& changed) const noexcept { return {key_, changed}; }

    /// Returns the source of an address, whatever the port. A link-local address counts for its interface.
    [[nodiscard]] source of(const wire::endpoint& peer) const noexcept;

    /// Returns the number of leading bits of `peer` that identify its holder. `around_length` returns those
    /// of the wider network, which are at most as many.
    [[nodiscard]] unsigned own_length(const wire::endpoint& peer) const noexcept
    {
        return peer.is_v4() ? ipv4_ : ipv6_;
    }
    [[nodiscard]] unsigned around_length(const wire::endpoint& peer) const noexcept;

    [[nodiscard]] bool same_lengths(const source_prefixes& other) const noexcept
    {
        return ipv4_ == other.ipv4_ && ipv6_ == other.ipv6_;
    }

private:
    [[nodiscard]] std::uint64_t id_of(const wire::endpoint& peer, unsigned length) const noexcept;

    hash_key key_;
    unsigned ipv4_, ipv6_;
};

}  // namespace quivive::dispatch
