#pragma once

#include <chrono>
#include <thread>

namespace quivive::bench {

/// Sleeps for a measuring or warm-up time. The duration itself is the purpose; no event is awaited.
inline void pause(std::chrono::duration<double> time) { std::this_thread::sleep_for(time); }

}  // namespace quivive::bench
