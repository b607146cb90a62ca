#pragma once

#include "dispatch/work_meter.hpp"

namespace quivive::detail {

/// Measures the CPU time of handshakes, so that one that waits for something (a PSK look-up) is no load.
///
/// The clock of a thread's CPU time is a system call, the monotonic clock is none. So the latter times each
/// piece of work, and the former is read once a millisecond at the most: of a span between two of its looks
/// handshakes have taken what their pieces add up to, and no more than the thread was on the CPU at all.
///
/// Each thread that handshakes go on in, or a strand of several, has one. Not thread-safe.
class cpu_meter final : public dispatch::work_meter {
public:
    struct clocks {
        time_point (*monotonic)() noexcept;
        duration (*of_thread)() noexcept;       ///< CPU time of the calling thread
        const void* (*this_thread)() noexcept;  ///< which one that is
    };

    cpu_meter() noexcept;
    explicit cpu_meter(clocks given) noexcept : clocks_{given} {}

    void begin() noexcept override;
    [[nodiscard]] duration end() noexcept override;

private:
    static constexpr std::chrono::milliseconds longest_span{1};

    void end_span(time_point now) noexcept;

    clocks clocks_;
    const void* thread_ = nullptr;  ///< that the span is of; null: there is none yet
    time_point span_began_{};
    duration cpu_then_{};
    time_point piece_began_{};
    duration pieces_{};  ///< of this span
    duration known_{};   ///< of former spans, and not told yet
};

}  // namespace quivive::detail
