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
    socklen_t size = sizeof(v6);  ///< room for the kernel to write in, or what is written
};

/// For a socket of `family`: an AF_INET6 socket speaks IPv4 by mapped addresses (RFC 3493 3.7).
[[nodiscard]] socket_address to_sockaddr(const wire::endpoint& endpoint, int family) noexcept;

/// The canonical form, whatever the family; nothing when it is no whole IP address.
[[nodiscard]] std::optional<wire::endpoint> to_endpoint(const socket_address& address) noexcept;

[[nodiscard]] wire::endpoint to_endpoint(const in_addr& address, std::uint16_t port) noexcept;
/// `interface` becomes the scope of a link-local address: elsewhere it would tell apart what is one peer.
[[nodiscard]] wire::endpoint to_endpoint(const in6_addr& address, std::uint16_t port,
                                         std::uint32_t interface) noexcept;

/// 0.0.0.0 or [::], whatever the port.
[[nodiscard]] bool is_wildcard(const wire::endpoint& endpoint) noexcept;

/// As in "127.0.0.1:4433" and "[fe80::1%2]:4433".
[[nodiscard]] std::string to_text(const wire::endpoint& endpoint);

}  // namespace quivive::transport
