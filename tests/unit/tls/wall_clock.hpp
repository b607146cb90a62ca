#pragma once

#include <chrono>

namespace quivive::test {

/// By how much the wall clock of this program is ahead; traps_clock_test.cpp has its functions.
inline std::chrono::seconds wall_clock_step{0};

/// The clock is set for as long as this lives.
struct clock_set {
    explicit clock_set(std::chrono::seconds by) { wall_clock_step = by; }
    ~clock_set() { wall_clock_step = std::chrono::seconds{0}; }
    clock_set(const clock_set&) = delete;
    clock_set& operator=(const clock_set&) = delete;
};

}  // namespace quivive::test
