#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace quivive::bench {

/// Returns the CPU time of all current threads of a process, from the scheduler (/proc/PID/task/*/schedstat).
/// It is exact to the nanosecond, where getrusage and /proc/PID/stat may count in ticks.
[[nodiscard]] std::chrono::nanoseconds cpu_time(pid_t process);

struct memory_use {
    std::uint64_t rss_bytes = 0;
    std::uint64_t pss_bytes = 0;  ///< proportional: shared pages count in parts
};
/// Returns the memory of a process; both members are zero when the process has ended.
[[nodiscard]] memory_use memory_of(pid_t process);

[[nodiscard]] bool is_alive(pid_t process);

}  // namespace quivive::bench
