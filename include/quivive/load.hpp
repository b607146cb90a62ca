#pragma once

#include <chrono>
#include <cstddef>

namespace quivive {

/// How much a server, or one of its threads, has to do with newcomers.
struct load {
    bool high = false;                  ///< strangers of `adaptive` networks are challenged
    std::size_t half_open = 0;          ///< handshakes in progress
    std::size_t hellos_per_second = 0;  ///< ClientHellos of strangers, over the last second
    /// CPU time that handshakes have taken of the last second, 100 at most. A handshake that waits, for its
    /// key say, takes none.
    unsigned handshake_cpu_percent = 0;
};

/// When load is high. It becomes so when one of the three measures reaches its upper mark, and is normal
/// again once all of them have been below their lower marks for `hold` without a break. So a measure that
/// dances about a mark does not switch the exchange to and fro.
///
/// Counts hold for the whole server; with several threads each takes an equal share, rounded up.
struct load_marks {
    std::size_t half_open_high = 256;  ///< at most 3/4 of `limits::max_half_open` counts
    std::size_t half_open_low = 128;
    std::size_t hellos_per_second_high = 2'000;
    std::size_t hellos_per_second_low = 1'000;
    unsigned handshake_cpu_percent_high = 50;
    unsigned handshake_cpu_percent_low = 25;
    std::chrono::milliseconds hold{5'000};
};

}  // namespace quivive
