#pragma once

#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace quivive::transport {

/// Room for the one control message that goes with a datagram: which of our addresses it was sent to, or is
/// to leave from (RFC 1122 4.1.3.5). What comes with GSO and GRO will stand here too.
struct control_buffer {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

/// Asks the kernel to tell of each datagram the address it was sent to; false: see `errno`.
///
/// On a dual-stack socket IPV6_RECVPKTINFO tells that of IPv4 too, as a mapped address, and IPV6_PKTINFO
/// takes the same for a source: the family of the socket alone decides, not that of the peer.
[[nodiscard]] bool request_destination(int descriptor, int family) noexcept;

/// Where the datagram was sent to, without a port; nothing when the kernel did not say.
[[nodiscard]] std::optional<wire::endpoint> read_destination(msghdr& message) noexcept;

/// Makes the datagram leave from `source`, which must be an address of `family`'s.
void write_source(msghdr& message, control_buffer& room, int family, const wire::endpoint& source) noexcept;

}  // namespace quivive::transport
