#include "bench/micro/harness.hpp"

#include "gate/keyed_hash.hpp"

#include <algorithm>
#include <cstdio>

#include <time.h>

namespace quivive::bench {

namespace {

constexpr auto sample_time = std::chrono::milliseconds{30};
constexpr std::size_t samples = 7, smoke_size = 100;

/// A fixed piece of work, about a microsecond: SipHash over 512 words.
double reference_nanoseconds()
{
    static const work fixed = repeat([] {
        gate::keyed_hash hash{{1, 2}};
        for (std::uint64_t i = 0; i < 512; ++i) hash.add(i);
        keep(hash.finish());
    });
    constexpr std::size_t times = 500;
    return static_cast<double>(fixed(times).count()) / times;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Returns the number of repetitions that fill a sample.
std::size_t times_for(const work& what)
{
    for (std::size_t times = 1;; times *= 2) {
        const auto took = what(times);
        if (took * 2 >= sample_time || times >= 50'000'000) return times;
    }
}

}  // namespace

std::chrono::nanoseconds cpu_now() noexcept
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

bool harness::wants(const std::string& name) const { return name.find(chosen_.filter) != std::string::npos; }

std::size_t harness::scaled(std::size_t chosen) const noexcept
{
    return chosen_.once ? std::min(chosen, smoke_size) : chosen;
}

double harness::measure(const std::string& name, const work& what)
{
    if (!wants(name)) return 0;
    ++measured_;
    if (chosen_.once) {
        (void)what(1);
        std::printf("%-44s once\n", name.c_str());
        return 0;
    }
    const auto times = times_for(what);
    std::vector<double> nanoseconds, ratios;
    for (std::size_t i = 0; i < samples; ++i) {
        const auto reference = reference_nanoseconds();
        nanoseconds.push_back(static_cast<double>(what(times).count()) / static_cast<double>(times));
        ratios.push_back(nanoseconds.back() / reference);
    }
    std::ranges::sort(nanoseconds);
    print(name, nanoseconds, median(ratios));
    return nanoseconds[nanoseconds.size() / 2];
}

void harness::print(const std::string& name, const std::vector<double>& nanoseconds, double ratio) const
{
    const auto middle = nanoseconds[nanoseconds.size() / 2];
    if (chosen_.json)
        std::printf("{\"name\": \"%s\", \"ns\": %.1f, \"ratio\": %.4f}\n", name.c_str(), middle, ratio);
    else
        std::printf("%-44s %12.1f ns  (%.1f to %.1f)  x%.3f\n", name.c_str(), middle, nanoseconds.front(),
                    nanoseconds.back(), ratio);
    std::fflush(stdout);
}

}  // namespace quivive::bench
