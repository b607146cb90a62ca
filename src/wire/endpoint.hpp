#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quivive::wire {

/// IP address and UDP port in canonical form. IPv4 is stored as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so that
/// a peer has the same endpoint on IPv4 and dual-stack sockets.
struct endpoint {
    std::array<std::byte, 16> address{};
    std::uint16_t port = 0;   ///< host order
    std::uint32_t scope = 0;  ///< interface index of a link-local address; otherwise 0

    [[nodiscard]] static endpoint v4(std::array<std::byte, 4> address, std::uint16_t port) noexcept;
    [[nodiscard]] bool is_v4() const noexcept;
    /// Returns the last four bytes, which are the IPv4 address if `is_v4()`.
    [[nodiscard]] std::span<const std::byte, 4> v4_bytes() const noexcept
    {
        return std::span{address}.last<4>();
    }

    friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// Local and remote endpoint of an association, and its socket (an index that the server layer interprets).
/// `local` is the address the peer sent to, so that responses use it as source even on a wildcard socket.
struct path {
    endpoint local;
    endpoint peer;
    std::uint32_t socket = 0;

    friend bool operator==(const path&, const path&) = default;
};

}  // namespace quivive::wire
