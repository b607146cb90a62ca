#pragma once

#include "wire/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quivive::gate {

/// A token bucket for bytes. Its depth is one second of the rate, and it is full at first. Each call passes
/// the rate, in bytes per second, at least one. The state is the time at which the bucket is full again, so
/// it takes eight bytes.
class byte_bucket {
public:
    [[nodiscard]] bool has(std::size_t bytes, std::size_t rate, time_point now) const noexcept
    {
        return full_at(now) - now + time_of(bytes, rate) <= depth;
    }

    /// Takes `bytes`, or returns false and takes nothing when fewer are left.
    [[nodiscard]] bool take(std::size_t bytes, std::size_t rate, time_point now) noexcept
    {
        if (!has(bytes, rate, now)) return false;
        full_ = full_at(now) + time_of(bytes, rate);
        return true;
    }

    /// Takes `bytes`, or as many as are left.
    void drain(std::size_t bytes, std::size_t rate, time_point now) noexcept
    {
        full_ = std::max(full_, std::min(full_at(now) + time_of(bytes, rate), now + depth));
    }

private:
    static constexpr duration depth = std::chrono::seconds{1};

    [[nodiscard]] time_point full_at(time_point now) const noexcept { return std::max(full_, now); }
    /// Returns the time in which `bytes` refill. A datagram's bytes fit 64 bits of nanoseconds. Fractions of
    /// a nanosecond are lost.
    [[nodiscard]] static duration time_of(std::uint64_t bytes, std::uint64_t rate) noexcept
    {
        return std::chrono::nanoseconds{bytes * 1'000'000'000 / rate};
    }

    time_point full_{};
};

}  // namespace quivive::gate
