#pragma once

#include "wire/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace quivive::dispatch {

/// An entry of a timer wheel. Belongs to at most one wheel at a time; its destructor removes it.
class wheel_timer {
public:
    wheel_timer() = default;
    ~wheel_timer() { unlink(); }
    wheel_timer(const wheel_timer&) = delete;
    wheel_timer& operator=(const wheel_timer&) = delete;

    [[nodiscard]] bool scheduled() const noexcept { return next_ != this; }
    /// Returns the due time. Precondition: scheduled.
    [[nodiscard]] time_point due() const noexcept { return due_; }

private:
    friend class timer_wheel;
    void unlink() noexcept;
    void link_before(wheel_timer& head) noexcept;

    wheel_timer* next_ = this;
    wheel_timer* previous_ = this;
    std::uint64_t tick_ = 0;
    time_point due_{};
};

/// Hierarchical timing wheels (Varghese and Lauck, 1987): scheduling, cancelling and expiring a timer cost
/// the same for ten timers and for a million. Ticks of 16 ms and four levels of 64 slots cover 3 days. A
/// timer due later is inserted again after that. A timer never fires early, and fires at most one tick late.
class timer_wheel {
public:
    explicit timer_wheel(time_point start) noexcept : start_{start} {}
    ~timer_wheel() { clear(); }
    timer_wheel(const timer_wheel&) = delete;
    timer_wheel& operator=(const timer_wheel&) = delete;

    /// Schedules the timer, or moves it. A timer that is already due fires at the next tick. `no_deadline`
    /// cancels it.
    void schedule(wheel_timer& timer, time_point due) noexcept;
    void cancel(wheel_timer& timer) noexcept { timer.unlink(); }

    /// Calls `fire(wheel_timer&)` for each timer due by `now`, which is then no longer scheduled. `fire` may
    /// schedule or cancel any timer. After `most` timers it leaves the rest to the next call; `next_wake()`
    /// is then already in the past.
    template <typename Fire>
    void advance(time_point now, std::size_t most, Fire&& fire)
    {
        const auto until = floor_tick(now);
        for (auto tick = next_tick(); tick <= until; tick = next_tick()) {
            now_ = tick;
            cascade();
            while (wheel_timer* timer = pop_due()) {
                fire(*timer);
                if (--most > 0) continue;
                now_ = tick - 1;  // more timers of this tick may remain
                return;
            }
        }
        if (until > now_) now_ = until;
    }

    template <typename Fire>
    void advance(time_point now, Fire&& fire)
    {
        advance(now, SIZE_MAX, std::forward<Fire>(fire));
    }

    /// Returns when to call `advance` next; `no_deadline` without timers. The time may be before any timer is
    /// due.
    [[nodiscard]] time_point next_wake() const noexcept;

private:
    static constexpr unsigned bits = 6;
    static constexpr unsigned slots = 1U << bits;
    static constexpr unsigned levels = 4;
    static constexpr std::uint64_t no_tick = UINT64_MAX;
    static constexpr duration tick_length = std::chrono::milliseconds{16};

    [[nodiscard]] std::uint64_t floor_tick(time_point t) const noexcept;
    [[nodiscard]] std::uint64_t next_tick() const noexcept;
    void insert(wheel_timer& timer) noexcept;
    void cascade() noexcept;
    [[nodiscard]] wheel_timer* pop_due() noexcept;
    void clear() noexcept;

    time_point start_;
    std::uint64_t now_ = 0;                                     ///< the last tick processed
    std::array<std::array<wheel_timer, slots>, levels> wheel_;  ///< heads of circular lists
    mutable std::array<std::uint64_t, levels> occupied_{};      ///< one bit per slot; a set bit may be stale
};

}  // namespace quivive::dispatch
