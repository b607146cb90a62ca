#pragma once

#include "bench/support/figures.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace quivive::bench {

using clock = std::chrono::steady_clock;

/// What the clients of one thread have counted. Read by another while they go on.
struct tally {
    std::atomic<std::uint64_t> done{0}, failed{0}, echoes{0}, echoes_lost{0};
    std::vector<float> latencies_us;  ///< of what was done while measuring; this thread's own until it ends
    std::vector<float> echo_latencies_us;

    void note(std::vector<float>& where, clock::time_point begin) const
    {
        if (measuring.load(std::memory_order_relaxed))
            where.push_back(std::chrono::duration<float, std::micro>(clock::now() - begin).count());
    }
    std::atomic<bool> measuring{false};
};

/// The `share` quantile of the samples, in their unit; 0 without any.
[[nodiscard]] double quantile(std::vector<float> samples, double share);

/// PREFIXp50_us and PREFIXp99_us of the samples.
void add_latencies(figures& found, const std::string& prefix, const std::vector<float>& samples_us);

/// One look at a run: what was done until now, and the CPU that it took.
struct look {
    clock::time_point when;
    std::chrono::nanoseconds server_cpu{}, own_cpu{};
    std::uint64_t done = 0;
};
[[nodiscard]] look look_at(pid_t server, std::uint64_t done);

/// Rate, CPU of the server for each operation, and how busy both were, between two looks.
void add_rates(figures& found, const look& begin, const look& end);

}  // namespace quivive::bench
