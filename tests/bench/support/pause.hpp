#pragma once

#include <chrono>
#include <thread>

namespace quivive::bench {

/// The time over which something is measured, or warms up before. It is what was asked for, not a wait for an
/// event.
inline void pause(std::chrono::duration<double> time) { std::this_thread::sleep_for(time); }

}  // namespace quivive::bench
