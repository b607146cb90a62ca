#include "support/sim/scenario.hpp"

#include <array>

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

void add_ids(scenario& made, seeded_random& random)
{
    made.server.ids.enabled = true;
    made.server.limits.move_interval = std::array{0ms, 50ms, 10'000ms}[random.below(3)];
    made.server.limits.unvalidated_bytes_per_second =
        std::array<std::size_t, 3>{100, 300, 1'000}[random.below(3)];
    made.server.ids.moves = std::array{move_policy::limited, move_policy::limited, move_policy::sustained,
                                       move_policy::sustained, move_policy::trusted}[random.below(5)];
    if (random.chance(0.3)) made.server.shared_networks = {quivive::network::parse("0.0.0.0/0").value()};
    made.server.limits.path_check_timeout = std::chrono::milliseconds{random.between(300, 3'000)};
    made.server.news = random.chance(0.7) ? 0.3 : 0;
    made.id_clients = 0.8;
    made.ways.moves = 0.2;
    made.ways.moves_early = 0.1;
    if (random.chance(0.7)) made.copied_every = random.between(50, 1'000) * 1ms;
}

}  // namespace

scenario scenario_of(std::uint64_t seed)
{
    seeded_random random{seed * 7'919 + 1};
    scenario made;
    made.seed = seed;
    made.server.policy.exchange =
        std::array{cookie_exchange::always, cookie_exchange::always, cookie_exchange::adaptive,
                   cookie_exchange::never}[random.below(4)];
    made.server.policy.adaptive.half_open_high = random.between(2, 20);
    made.server.policy.adaptive.half_open_low = 1;
    made.server.detached = !random.chance(0.3);
    auto& limits = made.server.limits;
    limits.max_half_open = random.between(3, 30);
    limits.max_half_open_per_source = random.between(1, 10);
    limits.max_sessions = random.between(10, 60);
    limits.receive_queue_messages = random.between(1, 8);
    limits.ready_ciphers = random.between(1, 16);
    limits.idle_timeout = std::chrono::seconds{random.between(10, 90)};
    limits.half_open_grace = std::chrono::milliseconds{random.between(100, 3'000)};

    made.clients = static_cast<unsigned>(random.between(2, 12));
    auto& worst = made.harshest;
    worst.delay = random.between(1, 400) * 1ms;
    worst.jitter = random.between(0, 200) * 1ms;
    worst.loss = static_cast<double>(random.below(30)) / 100;
    worst.duplicate = static_cast<double>(random.below(30)) / 100;
    worst.reorder = static_cast<double>(random.below(40)) / 100;
    worst.corrupt = random.chance(0.3) ? 0.02 : 0;
    worst.bytes_per_second = random.chance(0.2) ? 20'000 : 0;
    worst.mtu = random.chance(0.3) ? random.between(560, 1'472) : 1'472;
    made.mildest.mtu = worst.mtu;
    made.slow_clients = static_cast<unsigned>(random.below(3));
    made.length = random.between(60, 300) * 1s;

    const auto sometimes = [&](std::size_t least, std::size_t most) {
        return random.chance(0.6) ? duration{random.between(least, most) * 1ms} : duration{};
    };
    made.spoofed_every = sometimes(5, 500);
    made.thefts_every = sometimes(50, 1'000);
    made.hoarded_every = sometimes(200, 3'000);
    made.forged_every = sometimes(10, 500);
    if (random.chance(0.3)) made.server.restarts.push_back(made.length * random.between(20, 90) / 100);
    if (made.server.detached && random.chance(0.6)) add_ids(made, random);
    if (random.chance(0.4)) made.server.slow_steps = std::chrono::milliseconds{random.between(1, 400)};
    made.begun_anew_every = sometimes(20, 500);
    return made;
}

scenario day(std::uint64_t seed, duration length)
{
    scenario made;
    made.seed = seed;
    made.server.limits.idle_timeout = 120s;
    made.clients = 200;
    made.mildest.loss = made.harshest.loss = 0.15;
    made.mildest.duplicate = made.harshest.duplicate = 0.10;
    made.mildest.reorder = made.harshest.reorder = 0.20;
    made.harshest.delay = 200ms;
    made.ways.between_messages = 60s;
    made.ways.between_visits = 10min;
    made.ways.messages = 10;
    made.length = length;
    made.spoofed_every = 50ms;
    made.thefts_every = 2s;
    made.hoarded_every = 15s;
    made.forged_every = 500ms;
    return made;
}

scenario flood(std::uint64_t seed)
{
    scenario made;
    made.seed = seed;
    made.clients = made.slow_clients = 0;
    made.server.limits.idle_timeout = 60s;
    made.twice = true;
    made.length = 60s;
    made.spoofed_every = 1ms;
    made.thefts_every = 5ms;
    made.hoarded_every = 20ms;
    return made;
}

}  // namespace quivive::test::sim
