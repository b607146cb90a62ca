#pragma once

#include <cerrno>

namespace quivive::transport {

/// Returns true when the socket has nothing to read, or its buffer is full. This is not a failure.
[[nodiscard]] inline bool would_block(int number) noexcept
{
    return number == EAGAIN || number == EWOULDBLOCK;
}

/// Returns whether the error may stem from an ICMP message about an earlier datagram. Anyone can forge such a
/// message (RFC 8085 5.2), and the socket stays usable: count the error at most, and continue.
[[nodiscard]] bool may_stem_from_icmp(int number) noexcept;

}  // namespace quivive::transport
