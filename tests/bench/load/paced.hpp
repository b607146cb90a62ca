#pragma once

#include "bench/load/clients.hpp"

namespace quivive::bench {

/// One client that stays and sends one message after the other, so that all together send `plan::rate` a
/// second, whether the last one has come back or not. What it takes counts from when the message was due: a
/// server that stops for a while delays all that were due meanwhile.
boost::asio::awaitable<void> stay_and_keep_pace(run_state& state, tally& counts, std::size_t number);

/// Messages at a pace: how long they take.
bool run_pace(const plan& chosen, figures& found);

/// The same, first while it is calm, then beside clients that shake hands by certificates without end.
bool run_storm(const plan& chosen, figures& found);

}  // namespace quivive::bench
