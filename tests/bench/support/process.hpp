#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace quivive::bench {

/// CPU time of all threads that a process has now, by the scheduler's own count (/proc/PID/task/*/schedstat):
/// to the nanosecond, where getrusage and /proc/PID/stat may count in ticks.
[[nodiscard]] std::chrono::nanoseconds cpu_time(pid_t process);

struct memory_use {
    std::uint64_t rss_bytes = 0;
    std::uint64_t pss_bytes = 0;  ///< what is shared with others counted in parts
};
/// Both are zero when the process has gone.
[[nodiscard]] memory_use memory_of(pid_t process);

[[nodiscard]] bool is_alive(pid_t process);

}  // namespace quivive::bench
