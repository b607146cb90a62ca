#pragma once

#include "support/sim/attacker.hpp"
#include "support/sim/visitor.hpp"

namespace quivive::test::sim {

/// One world, as a seed has it.
struct scenario {
    std::uint64_t seed = 1;
    server_settings server;
    unsigned clients = 8;
    conditions mildest, harshest;  ///< each client's way lies between
    habits ways;
    double gnutls_clients = 0.3;
    double id_clients = 0;      ///< of the others; half of these know the return routability check
    unsigned slow_clients = 1;  ///< whose datagrams take ten seconds
    bool storms = true;         ///< ways fail for a while, and are better again
    duration length = std::chrono::minutes{4};
    /// All attacks once more, shorter, when all is over: whatever grows with a flood has had its size before.
    bool twice = false;
    duration spoofed_every{}, thefts_every{}, hoarded_every{}, forged_every{}, copied_every{},
        begun_anew_every{};  ///< zero: not at all
};

[[nodiscard]] scenario scenario_of(std::uint64_t seed);
/// 200 clients coming and going on a network that loses 15 %, doubles 10 % and reorders 20 %, under a flood.
[[nodiscard]] scenario day(std::uint64_t seed, duration length);
/// Attackers only, as fast as they can.
[[nodiscard]] scenario flood(std::uint64_t seed);

struct result {
    std::string broken;  ///< empty: no promise was
    std::uint64_t digest = 0;
    visit_counts visits;
    metrics counted;
    std::uint64_t steps = 0, attacks = 0, restarts = 0;
    duration virtual_time{};
    std::ptrdiff_t growth = 0;  ///< of all memory by the second time, when `twice`
    std::uint64_t nonces = 0;   ///< pairs of a key and a nonce, none of which was used twice
};

/// Lives through it, until nobody is left.
[[nodiscard]] result live_through(const scenario& given);

}  // namespace quivive::test::sim
