#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace quivive::bench {

/// The compiler must have `value` in hand, whatever it could prove of it.
template <typename T>
void keep(const T& value)
{
    asm volatile("" : : "r,m"(value) : "memory");
}

/// CPU time of this thread: what else the machine does while it works is not counted.
[[nodiscard]] std::chrono::nanoseconds cpu_now() noexcept;

/// Does a piece of work so many times and says how long they took. What has to be got ready is not counted.
using work = std::function<std::chrono::nanoseconds(std::size_t times)>;

/// For work that needs nothing got ready.
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
/// ratio holds when the machine's clock changes; nanoseconds do not.
class harness {
public:
    struct options {
        std::string filter;               ///< only names that have this in them
        bool once = false;                ///< each once, to see that it works
        std::size_t largest = 1'000'000;  ///< sessions of the largest table, timers of the wheel
        bool json = false;
    };
    explicit harness(options chosen) : chosen_{std::move(chosen)} {}

    /// Whether it is to be measured: asked before what is expensive to get ready.
    [[nodiscard]] bool wants(const std::string& name) const;
    /// Gives the median, in ns; zero when it is not measured.
    double measure(const std::string& name, const work& what);

    /// `chosen`, or a few of them when nothing is to be measured.
    [[nodiscard]] std::size_t scaled(std::size_t chosen) const noexcept;
    [[nodiscard]] std::size_t largest() const noexcept { return scaled(chosen_.largest); }
    [[nodiscard]] std::size_t measured() const noexcept { return measured_; }

private:
    void print(const std::string& name, const std::vector<double>& nanoseconds, double ratio) const;

    options chosen_;
    std::size_t measured_ = 0;
};

/// Each measures its subject.
void measure_gate(harness& with);
void measure_table(harness& with);
void measure_timer_wheel(harness& with);
void measure_records(harness& with);
void measure_handshakes(harness& with);
void measure_hostile(harness& with);

}  // namespace quivive::bench
