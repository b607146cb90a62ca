#pragma once

#include "dispatch/work_meter.hpp"

namespace quivive::runtime {

/// Measures the CPU time of handshakes. A handshake that waits for something, such as a PSK look-up, does not
/// count as load.
///
/// Reading a thread's CPU clock is a system call; reading the monotonic clock is not. So the monotonic clock
/// times each piece of work, and the CPU clock is read at most once a millisecond. Between two readings of
/// the CPU clock, the pieces are added up. Their sum is limited to the thread's CPU time.
///
/// Each thread, or strand, that runs handshakes has its own meter. Not thread-safe.
class cpu_meter final : public dispatch::work_meter {
public:
    struct clocks {
        time_point (*monotonic)() noexcept;
        duration (*of_thread)() noexcept;       ///< CPU time of the calling thread
        const void* (*this_thread)() noexcept;  ///< identifies the calling thread
    };

    cpu_meter() noexcept;
    explicit cpu_meter(clocks given) noexcept : clocks_{given} {}

    void begin() noexcept override;
    [[nodiscard]] duration end() noexcept override;

private:
    static constexpr std::chrono::milliseconds longest_span{1};

    void end_span(time_point now) noexcept;

    clocks clocks_;
    const void* thread_ = nullptr;  ///< the thread that this span measures; null: none yet
    time_point span_began_{};
    duration cpu_at_span_begin_{};
    time_point piece_began_{};
    duration pieces_{};  ///< sum of the pieces of this span
    duration known_{};   ///< CPU time of former spans, not yet returned
};

}  // namespace quivive::runtime
