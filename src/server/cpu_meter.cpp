#include "server/cpu_meter.hpp"

#include <time.h>
#include <algorithm>
#include <utility>

namespace quivive::runtime {

namespace {

duration cpu_time_of_thread() noexcept
{
    timespec time{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return clock::now().time_since_epoch();
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

const void* mark_of_thread() noexcept
{
    thread_local const char mark{};
    return &mark;
}

}  // namespace

cpu_meter::cpu_meter() noexcept : cpu_meter{clocks{clock::now, cpu_time_of_thread, mark_of_thread}} {}

void cpu_meter::begin() noexcept
{
    piece_began_ = clocks_.monotonic();
    const auto* const running_in_this_thread = clocks_.this_thread();
    if (running_in_this_thread != thread_) {  // CPU times of different threads cannot be compared
        known_ += std::exchange(pieces_, duration{});
        thread_ = running_in_this_thread;
        span_began_ = piece_began_;
        cpu_at_span_begin_ = clocks_.of_thread();
    } else if (piece_began_ >= span_began_ + longest_span) {
        end_span(piece_began_);
    }
}

duration cpu_meter::end() noexcept
{
    const auto now = clocks_.monotonic();
    pieces_ += now - piece_began_;
    if (now >= span_began_ + longest_span) end_span(now);
    return std::exchange(known_, duration{});
}

void cpu_meter::end_span(time_point now) noexcept
{
    const auto cpu = clocks_.of_thread();
    known_ += std::clamp(cpu - cpu_at_span_begin_, duration{}, std::exchange(pieces_, duration{}));
    cpu_at_span_begin_ = cpu;
    span_began_ = now;
}

}  // namespace quivive::runtime
