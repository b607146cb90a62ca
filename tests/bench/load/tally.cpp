#include "bench/load/tally.hpp"

#include "bench/support/process.hpp"

#include <algorithm>

#include <unistd.h>

namespace quivive::bench {

double quantile(std::vector<float> samples, double share)
{
    if (samples.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
    std::ranges::nth_element(samples, samples.begin() + at);
    return samples[static_cast<std::size_t>(at)];
}

void add_latencies(figures& found, const std::string& prefix, const std::vector<float>& samples_us)
{
    found.add(prefix + "p50_us", quantile(samples_us, 0.50));
    found.add(prefix + "p99_us", quantile(samples_us, 0.99));
}

look look_at(pid_t server, std::uint64_t done)
{
    return {clock::now(), server > 0 ? cpu_time(server) : std::chrono::nanoseconds{}, cpu_time(getpid()),
            done};
}

void add_rates(figures& found, const look& begin, const look& end)
{
    const auto nanoseconds = static_cast<double>((end.when - begin.when).count());
    const auto done = static_cast<double>(end.done - begin.done);
    const auto server = static_cast<double>((end.server_cpu - begin.server_cpu).count());
    const auto own = static_cast<double>((end.own_cpu - begin.own_cpu).count());
    found.add("done", done);
    found.add("per_second", done * 1e9 / nanoseconds);
    found.add("server_us_per_op", done > 0 ? server / 1e3 / done : 0);
    found.add("server_cpu_percent", 100 * server / nanoseconds);
    found.add("generator_cpu_percent", 100 * own / nanoseconds);
}

}  // namespace quivive::bench
