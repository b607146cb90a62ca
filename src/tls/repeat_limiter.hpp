#pragma once

#include "wire/time.hpp"
#include "wire/token_bucket.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quivive::tls {

/// How often a flight is sent again because its peer repeats its own, and so has not got it (RFC 6347 4.2.4):
/// at an interval at the soonest, and so many times in a row, one more each second. A repeat that asks for a
/// flight is short, and in a handshake anyone can forge it; the flight is not short.
class repeat_limiter {
public:
    /// `burst`: at least 1. See `limits::repeat_interval` and `limits::repeat_burst`.
    repeat_limiter(std::chrono::milliseconds interval, std::size_t burst) noexcept
        : interval_{static_cast<std::uint32_t>(std::min(interval, longest_interval).count())},
          burst_{static_cast<std::uint32_t>(burst)}
    {
    }

    /// The flight has left, for whatever reason.
    void sent(time_point now) noexcept { next_ = now + interval_; }

    /// The peer asks for it. True: it shall be sent, and `sent` be called.
    [[nodiscard]] bool allows(time_point now) noexcept
    {
        return now >= next_ && bucket_.take(now, burst_, std::chrono::seconds{1});
    }

private:
    static constexpr std::chrono::milliseconds longest_interval = std::chrono::hours{24};

    // A handshake has one, a session that keeps its last flight another: in half the usual size.
    std::chrono::duration<std::uint32_t, std::milli> interval_;
    std::uint32_t burst_;
    wire::token_bucket bucket_;
    time_point next_{};
};

}  // namespace quivive::tls
