#pragma once

#include "bench/load/arrivals.hpp"
#include "bench/load/plan.hpp"
#include "bench/load/tally.hpp"

#include <boost/asio/awaitable.hpp>

namespace quivive::bench {

/// State that all clients of a run share.
struct run_state {
    const plan& chosen;
    arrivals arrived{};
    std::atomic<bool> go{false}, stop{false};
};

/// Runs one client of `async_connect` in a loop: performs a handshake, sends its messages, closes.
boost::asio::awaitable<void> come_and_go(run_state& state, tally& counts, std::size_t number);

/// Runs one client that stays connected and always has some messages outstanding. Waits for `go` after its
/// handshake.
boost::asio::awaitable<void> stay_and_talk(run_state& state, tally& counts, std::size_t number);

}  // namespace quivive::bench
