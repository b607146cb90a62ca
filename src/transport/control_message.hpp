#pragma once

#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace quivive::transport {

/// Memory for the control messages of a buffer. One has the local address: the destination of a received
/// datagram, or the source of a sent one (RFC 1122 4.1.3.5). The other has the size of the datagrams in the
/// buffer (UDP_GRO, UDP_SEGMENT).
struct control_buffer {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> bytes;
};

/// Makes the kernel report the destination address of each datagram. Returns false on failure; see `errno`.
///
/// On a dual-stack socket IPV6_RECVPKTINFO also reports IPv4 destinations, as mapped addresses, and
/// IPV6_PKTINFO accepts mapped addresses as source. The option therefore depends on the family of the socket,
/// not of the peer.
[[nodiscard]] bool request_destination(int descriptor, int family) noexcept;

/// Returns the destination address of the datagram, without a port; empty when the kernel did not report it.
[[nodiscard]] std::optional<wire::endpoint> read_destination(msghdr& message) noexcept;

/// Makes the kernel coalesce datagrams of one peer and size into one buffer (UDP_GRO, Linux 5.0). Returns
/// false when the kernel does not support it.
[[nodiscard]] bool request_coalescing(int descriptor) noexcept;

/// Returns whether the kernel can split a buffer into datagrams (UDP_SEGMENT, Linux 4.18).
[[nodiscard]] bool can_segment(int descriptor) noexcept;

/// Returns the size of the datagrams in a buffer, the last of which may be shorter; 0 when it holds one
/// datagram.
[[nodiscard]] std::size_t read_segment_size(msghdr& message) noexcept;

// Both functions append to `message` and `buffer`. There is memory for one call of each.

/// Sets the source address of the datagram to `source`, which must be an address of `family`.
void write_source(msghdr& message, control_buffer& buffer, int family, const wire::endpoint& source) noexcept;

/// Makes the kernel split the buffer into datagrams of `size` bytes.
void write_segment_size(msghdr& message, control_buffer& buffer, std::uint16_t size) noexcept;

}  // namespace quivive::transport
