#pragma once

#include "bench/load/arrivals.hpp"
#include "bench/load/plan.hpp"
#include "bench/load/tally.hpp"

#include <boost/asio/awaitable.hpp>

namespace quivive::bench {

/// What all clients of a run share.
struct run_state {
    const plan& chosen;
    arrivals arrived{};
    std::atomic<bool> go{false}, stop{false};
};

/// One client of `async_connect`, again and again: shakes hands, sends its echoes, closes.
boost::asio::awaitable<void> come_and_go(run_state& state, tally& counts, std::size_t number);

/// One client that stays, with some messages under way all the time. Waits for `go` after its handshake.
boost::asio::awaitable<void> stay_and_talk(run_state& state, tally& counts, std::size_t number);

}  // namespace quivive::bench
