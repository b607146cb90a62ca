#pragma once

#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace quivive::transport {

/// Room for the control messages that go with a buffer: which of our addresses it was sent to, or is to leave
/// from (RFC 1122 4.1.3.5), and how large the datagrams are that stand in it (UDP_GRO, UDP_SEGMENT).
struct control_buffer {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> bytes;
};

/// Asks the kernel to tell of each datagram the address it was sent to; false: see `errno`.
///
/// On a dual-stack socket IPV6_RECVPKTINFO tells that of IPv4 too, as a mapped address, and IPV6_PKTINFO
/// takes the same for a source: the family of the socket alone decides, not that of the peer.
[[nodiscard]] bool request_destination(int descriptor, int family) noexcept;

/// Where the datagram was sent to, without a port; nothing when the kernel did not say.
[[nodiscard]] std::optional<wire::endpoint> read_destination(msghdr& message) noexcept;

/// Asks for datagrams of one peer and size to be handed over many in one buffer (UDP_GRO, Linux 5.0); false:
/// the kernel has it not.
[[nodiscard]] bool request_coalescing(int descriptor) noexcept;

/// Whether the kernel cuts a buffer into datagrams (UDP_SEGMENT, Linux 4.18).
[[nodiscard]] bool can_segment(int descriptor) noexcept;

/// The size of the datagrams in a buffer, the last of which may be shorter; 0: it is one datagram.
[[nodiscard]] std::size_t read_segment_size(msghdr& message) noexcept;

// Both add to what `message` and `room` hold; there is room for each of them once.

/// Makes the datagram leave from `source`, which must be an address of `family`'s.
void write_source(msghdr& message, control_buffer& room, int family, const wire::endpoint& source) noexcept;

/// Has the kernel cut the buffer into datagrams of `size` bytes.
void write_segment_size(msghdr& message, control_buffer& room, std::uint16_t size) noexcept;

}  // namespace quivive::transport
