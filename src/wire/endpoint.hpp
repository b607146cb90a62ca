#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quivive::wire {

/// An IP address and UDP port in one canonical form: IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 2.5.5.2),
/// so that a peer is the same peer whatever kind of socket it came in by.
struct endpoint {
    std::array<std::byte, 16> address{};
    std::uint16_t port = 0;   ///< host order
    std::uint32_t scope = 0;  ///< the interface of a link-local address, else 0

    [[nodiscard]] static endpoint v4(std::array<std::byte, 4> address, std::uint16_t port) noexcept;
    [[nodiscard]] bool is_v4() const noexcept;
    /// The last four bytes; the address itself when `is_v4()`.
    [[nodiscard]] std::span<const std::byte, 4> v4_bytes() const noexcept
    {
        return std::span{address}.last<4>();
    }

    friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// The two ends of an association, and the socket between (an index that the server layer gives a meaning).
/// `local` is what the peer wrote to, so that answers leave from there also on a wildcard bind.
struct path {
    endpoint local;
    endpoint peer;
    std::uint32_t socket = 0;

    friend bool operator==(const path&, const path&) = default;
};

}  // namespace quivive::wire
