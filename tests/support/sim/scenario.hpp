#pragma once

#include "support/sim/attacker.hpp"
#include "support/sim/visitor.hpp"

namespace quivive::test::sim {

/// Settings of one simulated world.
struct scenario {
    std::uint64_t seed = 1;
    server_settings server;
    unsigned clients = 8;
    conditions mildest, harshest;  ///< each client's path lies between these
    habits ways;
    double gnutls_clients = 0.3;
    double id_clients = 0;      ///< share of the others; half of these support the return routability check
    unsigned slow_clients = 1;  ///< clients whose datagrams take ten seconds
    bool storms = true;         ///< paths fail for a while and recover
    duration length = std::chrono::minutes{4};
    /// Repeats all attacks, shorter, after everything is over. State that grows under a flood has reached
    /// its size by then.
    bool twice = false;
    duration spoofed_every{}, thefts_every{}, hoarded_every{}, forged_every{}, copied_every{},
        begun_anew_every{};  ///< zero: not at all
};

[[nodiscard]] scenario scenario_of(std::uint64_t seed);
/// Returns a scenario of 200 clients that come and go under a flood, on a network that loses 15 %,
/// duplicates 10 % and reorders 20 %.
[[nodiscard]] scenario day(std::uint64_t seed, duration length);
/// Returns a scenario of attackers only, at their highest rate.
[[nodiscard]] scenario flood(std::uint64_t seed);

struct result {
    std::string broken;  ///< the first violated guarantee; empty: none
    std::uint64_t digest = 0;
    visit_counts visits;
    metrics counted;
    std::uint64_t steps = 0, attacks = 0, restarts = 0;
    duration virtual_time{};
    std::ptrdiff_t growth = 0;  ///< bytes by which all memory grew in the second round, with `twice`
    std::uint64_t nonces = 0;   ///< pairs of a key and a nonce, none of which was used twice
};

/// Runs the scenario until no node is left.
[[nodiscard]] result live_through(const scenario& given);

}  // namespace quivive::test::sim
