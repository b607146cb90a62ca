#pragma once

#include "bench/load/clients.hpp"

namespace quivive::bench {

/// Runs one client that stays connected and sends messages at a fixed pace, whether the last one has come
/// back or not. All clients together send `plan::rate` a second. The latency of a message counts from the
/// time it was due, so a pause of the server delays all messages that were due during it.
boost::asio::awaitable<void> stay_and_keep_pace(run_state& state, tally& counts, std::size_t number);

/// Measures the latency of paced messages.
bool run_pace(const plan& chosen, figures& found);

/// Does the same, first without other load, then beside clients with continuous certificate handshakes.
bool run_storm(const plan& chosen, figures& found);

}  // namespace quivive::bench
