#pragma once

#include <cerrno>

namespace quivive::transport {

/// Nothing to read, or no room to write: not a fault.
[[nodiscard]] inline bool would_block(int number) noexcept
{
    return number == EAGAIN || number == EWOULDBLOCK;
}

/// Whether the error may stem from an ICMP message about an earlier datagram. Anyone can forge one
/// (RFC 8085 5.2), and the socket is as good as before: to be counted at most, and gone on from.
[[nodiscard]] bool may_stem_from_icmp(int number) noexcept;

}  // namespace quivive::transport
