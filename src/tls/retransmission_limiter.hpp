#pragma once

#include "wire/time.hpp"
#include "wire/token_bucket.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quivive::tls {

/// Limits retransmissions of a flight in response to the peer's retransmissions. These show that the peer has
/// not received the flight (RFC 6347 4.2.4). A minimum interval separates two of them. A burst limit also
/// applies, and recovers by one each second. A peer's retransmission is short, and anyone can forge it during
/// a handshake. The flight is not short.
class retransmission_limiter {
public:
    /// `burst` is at least 1. See `limits::repeat_interval` and `limits::repeat_burst`.
    retransmission_limiter(std::chrono::milliseconds interval, std::size_t burst) noexcept
        : interval_{static_cast<std::uint32_t>(std::min(interval, longest_interval).count())},
          burst_{static_cast<std::uint32_t>(burst)}
    {
    }

    /// Reports that the flight was sent, for any reason.
    void sent(time_point now) noexcept { next_ = now + interval_; }

    /// Checks a retransmission by the peer. Returns true when the flight must be sent; the caller then calls
    /// `sent`.
    [[nodiscard]] bool allows(time_point now) noexcept
    {
        return now >= next_ && bucket_.take(now, burst_, std::chrono::seconds{1});
    }

private:
    static constexpr std::chrono::milliseconds longest_interval = std::chrono::hours{24};

    // Each handshake has one, and each session that keeps its last flight another. The members therefore have
    // half the usual size.
    std::chrono::duration<std::uint32_t, std::milli> interval_;
    std::uint32_t burst_;
    wire::token_bucket bucket_;
    time_point next_{};
};

}  // namespace quivive::tls
