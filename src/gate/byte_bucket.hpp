#pragma once

#include "wire/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quivive::gate {

/// Bytes at a steady rate, a second's worth of which may go at once; counted in the time that refills them,
/// in eight bytes. Full at first. The rate, in bytes a second, at least one, is said with each call.
class byte_bucket {
public:
    [[nodiscard]] bool has(std::size_t bytes, std::size_t rate, time_point now) const noexcept
    {
        return full_at(now) - now + time_of(bytes, rate) <= depth;
    }

    /// Takes `bytes` out, all or, when there are less, none.
    [[nodiscard]] bool take(std::size_t bytes, std::size_t rate, time_point now) noexcept
    {
        if (!has(bytes, rate, now)) return false;
        full_ = full_at(now) + time_of(bytes, rate);
        return true;
    }

    /// Takes `bytes` out, or as many of them as there are.
    void drain(std::size_t bytes, std::size_t rate, time_point now) noexcept
    {
        full_ = std::max(full_, std::min(full_at(now) + time_of(bytes, rate), now + depth));
    }

private:
    static constexpr duration depth = std::chrono::seconds{1};

    [[nodiscard]] time_point full_at(time_point now) const noexcept { return std::max(full_, now); }
    /// The time in which so many bytes may leave. A datagram's are few enough for 64 bits of nanoseconds;
    /// less than one of these is lost.
    [[nodiscard]] static duration time_of(std::uint64_t bytes, std::uint64_t rate) noexcept
    {
        return std::chrono::nanoseconds{bytes * 1'000'000'000 / rate};
    }

    time_point full_{};
};

}  // namespace quivive::gate
