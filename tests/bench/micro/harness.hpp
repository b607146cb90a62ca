#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace quivive::bench {

/// Prevents the compiler from optimising the computation of `value` away.
template <typename T>
void keep(const T& value)
{
    asm volatile("" : : "r,m"(value) : "memory");
}

/// Returns the CPU time of this thread. Other load of the machine does not count.
[[nodiscard]] std::chrono::nanoseconds cpu_now() noexcept;

/// Does a piece of work `times` times and returns the CPU time, without preparations.
using work = std::function<std::chrono::nanoseconds(std::size_t times)>;

/// Makes work of a step that needs no preparations.
template <typename Step>
work repeat(Step step)
{
    return [step](std::size_t times) mutable {
        const auto begin = cpu_now();
        for (std::size_t i = 0; i < times; ++i) step();
        return cpu_now() - begin;
    };
}

/// Measures one piece of work after the other and prints a line for each: the median of several samples in
/// ns, their range, and the median as a multiple of a fixed piece of work done right before each sample. That
/// ratio stays the same when the machine's clock changes; nanoseconds do not.
class harness {
public:
    struct options {
        std::string filter;               ///< only names that contain this text
        bool once = false;                ///< runs each once, to check that it works
        std::size_t largest = 1'000'000;  ///< sessions of the largest table, timers of the wheel
        bool json = false;
    };
    explicit harness(options chosen) : chosen_{std::move(chosen)} {}

    /// Returns whether to measure the work of this name. Call it before expensive preparations.
    [[nodiscard]] bool wants(const std::string& name) const;
    /// Returns the median, in ns; zero when the work is not measured.
    double measure(const std::string& name, const work& what);

    /// Returns `chosen`, or at most 100 when the benchmarks run only once.
    [[nodiscard]] std::size_t scaled(std::size_t chosen) const noexcept;
    [[nodiscard]] std::size_t largest() const noexcept { return scaled(chosen_.largest); }
    [[nodiscard]] std::size_t measured() const noexcept { return measured_; }

private:
    void print(const std::string& name, const std::vector<double>& nanoseconds, double ratio) const;

    options chosen_;
    std::size_t measured_ = 0;
};

// Each function measures one part.
void measure_gate(harness& with);
void measure_table(harness& with);
void measure_timer_wheel(harness& with);
void measure_records(harness& with);
void measure_handshakes(harness& with);
void measure_hostile(harness& with);

}  // namespace quivive::bench
