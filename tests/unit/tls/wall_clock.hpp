#pragma once

#include <chrono>

namespace quivive::test {

/// Offset of this program's wall clock; traps_clock_test.cpp defines the clock functions.
inline std::chrono::seconds wall_clock_step{0};

/// Sets the clock for the lifetime of the object.
struct clock_set {
    explicit clock_set(std::chrono::seconds by) { wall_clock_step = by; }
    ~clock_set() { wall_clock_step = std::chrono::seconds{0}; }
    clock_set(const clock_set&) = delete;
    clock_set& operator=(const clock_set&) = delete;
};

}  // namespace quivive::test
