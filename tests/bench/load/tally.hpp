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

/// Counts of the clients of one thread. Another thread may read the counters while they run.
struct tally {
    std::atomic<std::uint64_t> done{0}, failed{0}, echoes{0}, echoes_lost{0};
    std::vector<float> latencies_us;  ///< taken while measuring; private to the thread until it ends
    std::vector<float> echo_latencies_us;

    void note(std::vector<float>& where, clock::time_point begin) const
    {
        if (measuring.load(std::memory_order_relaxed))
            where.push_back(std::chrono::duration<float, std::micro>(clock::now() - begin).count());
    }
    std::atomic<bool> measuring{false};
};

/// Returns the `share` quantile of the samples, in their unit; 0 without samples.
[[nodiscard]] double quantile(std::vector<float> samples, double share);

/// Adds PREFIXp50_us and PREFIXp99_us of the samples.
void add_latencies(figures& found, const std::string& prefix, const std::vector<float>& samples_us);

/// A snapshot of a run: the number of operations so far, and the CPU time used.
struct look {
    clock::time_point when;
    std::chrono::nanoseconds server_cpu{}, own_cpu{};
    std::uint64_t done = 0;
};
[[nodiscard]] look look_at(pid_t server, std::uint64_t done);

/// Adds the rate, the server's CPU time for each operation, and the utilisation of both, between two
/// snapshots.
void add_rates(figures& found, const look& begin, const look& end);

}  // namespace quivive::bench
