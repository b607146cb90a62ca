#pragma once

#include "wire/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

namespace quivive::transport {

/// An address as the kernel reads and writes it.
struct socket_address {
    union {
        sockaddr any{};
        sockaddr_in v4;
        sockaddr_in6 v6;
    };
    socklen_t size = sizeof(v6);  ///< capacity before the kernel writes the address, its size afterwards
};

/// Converts to an address for a socket of `family`. An AF_INET6 socket uses mapped addresses for IPv4 (RFC
/// 3493 3.7).
[[nodiscard]] socket_address to_sockaddr(const wire::endpoint& endpoint, int family) noexcept;

/// Converts to the canonical form, from either family. Returns an empty value for an incomplete or non-IP
/// address.
[[nodiscard]] std::optional<wire::endpoint> to_endpoint(const socket_address& address) noexcept;

[[nodiscard]] wire::endpoint to_endpoint(const in_addr& address, std::uint16_t port) noexcept;
/// Sets `interface` as the scope of a link-local address. For other addresses it is ignored, since otherwise
/// one peer would have several endpoints.
[[nodiscard]] wire::endpoint to_endpoint(const in6_addr& address, std::uint16_t port,
                                         std::uint32_t interface) noexcept;

/// Returns whether the address is 0.0.0.0 or [::], with any port.
[[nodiscard]] bool is_wildcard(const wire::endpoint& endpoint) noexcept;

/// Returns text such as "127.0.0.1:4433" or "[fe80::1%2]:4433".
[[nodiscard]] std::string to_text(const wire::endpoint& endpoint);

}  // namespace quivive::transport
