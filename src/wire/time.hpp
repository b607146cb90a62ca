#pragma once

#include <chrono>

namespace quivive {

/// Monotonic time. Only server/ reads the clock; the layers below take `now` as a parameter.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

inline constexpr time_point no_deadline = time_point::max();

}  // namespace quivive
