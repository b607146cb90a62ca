#pragma once

#include <chrono>
#include <cstddef>

namespace quivive {

/// Load of a server, or of one of its threads, by new clients.
struct load {
    bool high = false;                  ///< true while unknown peers of `adaptive` networks are challenged
    std::size_t half_open = 0;          ///< handshakes in progress
    std::size_t hellos_per_second = 0;  ///< ClientHellos of unknown peers, over the last second

    /// CPU time of handshakes over the last second, in percent, 100 at most. A handshake that waits, for
    /// example for its key, uses none.
    unsigned handshake_cpu_percent = 0;
};

/// Thresholds of high load. The load becomes high when one of the three measures reaches its upper mark. It
/// becomes normal again when all of them have been below their lower marks for `hold` without interruption.
/// So a measure that oscillates about a mark does not toggle the exchange.
///
/// Counts hold for the whole server. With several threads each thread takes an equal share, rounded up.
struct load_marks {
    /// Upper mark of handshakes in progress. A value above 3/4 of `limits::max_half_open` counts as 3/4.
    std::size_t half_open_high = 256;
    std::size_t half_open_low = 128;             ///< lower mark of handshakes in progress
    std::size_t hellos_per_second_high = 2'000;  ///< upper mark of ClientHellos per second
    std::size_t hellos_per_second_low = 1'000;   ///< lower mark of ClientHellos per second
    unsigned handshake_cpu_percent_high = 50;    ///< upper mark of CPU time, in percent
    unsigned handshake_cpu_percent_low = 25;     ///< lower mark of CPU time, in percent
    std::chrono::milliseconds hold{5'000};       ///< time below all lower marks before the load is normal
};

}  // namespace quivive
