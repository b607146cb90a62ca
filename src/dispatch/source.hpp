#pragma once

#include "dispatch/peer_key.hpp"
#include "quivive/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::dispatch {

/// A source of ClientHellos as limits count it: the network that one holder has, an address at least, and a
/// wider one around it, which has `source_shares::shares_around` shares. Both as keyed hashes, so that a
/// table of them takes little; that two are the same by chance costs these two a share.
struct source {
    std::uint64_t own = 0;
    std::optional<std::uint64_t> around;  ///< none where the own one is as wide
};

/// An id is a keyed hash already.
struct source_id_hash {
    std::size_t operator()(std::uint64_t id) const noexcept { return id; }
};

/// Which part of an address says whose it is (`limits::source_prefix_ipv4`, `source_prefix_ipv6`).
class source_prefixes {
public:
    /// Lengths of the wider network. An IPv6 site has a /48 at the most, as a rule (RFC 6177), and a /24 is
    /// the least that is routed.
    static constexpr unsigned around_ipv4 = 24, around_ipv6 = 48;

    source_prefixes(hash_key key, const limits& limits) noexcept
        : key_{key},
          ipv4_{static_cast<unsigned>(limits.source_prefix_ipv4)},
          ipv6_{static_cast<unsigned>(limits.source_prefix_ipv6)}
    {
    }

    /// With the same key.
    [[nodiscard]] source_prefixes with(const limits& changed) const noexcept { return {key_, changed}; }

    /// Whatever its port. A link-local address is its interface's.
    [[nodiscard]] source of(const wire::endpoint& peer) const noexcept;

    /// The leading bits of `peer` that say whose it is; those of the wider network, or fewer.
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
