#pragma once

#include "wire/time.hpp"

#include <time.h>

namespace quivive::detail {

/// The CPU time that this thread has used. Not the time of day: a busy machine is no load of ours.
inline duration thread_cpu_time() noexcept
{
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace quivive::detail
