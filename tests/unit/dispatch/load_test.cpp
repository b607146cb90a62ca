#include "adaptive_world.hpp"
#include "support/catch.hpp"

// Admitting without the round trip needs both ways compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::verdict;

namespace {

/// Sends 20 000 hellos a second from as many addresses, for so long.
void flood(world& around, duration how_long)
{
    const auto hello = make_hello();
    const auto until = around.now + how_long;
    for (unsigned i = 0; around.now < until; ++i) {
        (void)around.route(world::path_of(0x100000 + i, 4'000), hello);
        around.pass(50us);
        if (i % 1'000 == 0) around.outgoing.clear();
    }
    around.outgoing.clear();
}

}  // namespace

TEST_CASE("Adaptive: a cookie proves the address, and is asked for under high load only")
{
    world around{
        {}, adaptive({.hellos_per_second_high = 10, .hellos_per_second_low = 5}), psk_server(), psk_client()};
    for (unsigned i = 0; i < 10; ++i) (void)around.route(world::path_of(100 + i, 1), make_hello());
    REQUIRE(around.counted().load_high == 1);
    auto& client = around.connect(1);
    CHECK(client.connected());
    CHECK(around.listener.last_proven);
    CHECK(around.session_of(client)->proven);
}

TEST_CASE(
    "Adaptive under a flood of 20 000 hellos a second: it challenges, honest clients get in, and it is calm "
    "again after the hold time")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    flood(around, 1s);
    REQUIRE(around.listener.loads.size() == 1);
    CHECK(around.listener.loads.front().high);
    const auto counted = around.counted();
    CHECK(counted.admitted_unproven <= load_marks{}.half_open_high);
    CHECK(counted.answered > 19'000);
    CHECK(counted.balanced());

    auto& honest = around.connect(1);
    CHECK(honest.connected());
    CHECK(around.listener.last_proven);
    CHECK(around.echoes(honest));

    // The spoofed ones say nothing more, and the marks are no longer met; then the hold.
    around.pass(limits{}.unproven_timeout + load_marks{}.hold + 1s);
    REQUIRE(around.listener.loads.size() == 2);
    CHECK(!around.listener.loads.back().high);
    CHECK(around.server->half_open() == 0);
    const auto answered = around.counted().answered;
    CHECK(around.connect(2).connected());
    CHECK(around.counted().answered == answered);
}

TEST_CASE("Adaptive: a rate that stays about the mark switches to challenging once")
{
    world around{{}, adaptive({.hellos_per_second_high = 100, .hellos_per_second_low = 50}), psk_server()};
    const auto hello = make_hello();
    for (unsigned i = 0; i < 3'000; ++i) {
        (void)around.route(world::path_of(i, 1), hello);
        around.pass(i / 100 % 2 == 0 ? 9'500us : 10'500us);
    }
    CHECK(around.listener.loads.size() == 1);
    CHECK(around.counted().load_changes == 1);
}

TEST_CASE("Adaptive: handshakes that take half of the CPU are high load")
{
    world around{
        {}, adaptive({.handshake_cpu_percent_high = 50, .handshake_cpu_percent_low = 25}), psk_server()};
    around.meter.each = 60ms;
    for (unsigned i = 0; i < 5; ++i) (void)around.route(world::path_of(i, 1), make_hello());
    CHECK(around.route(world::path_of(9, 1), make_hello()).verdict == verdict::answered);
    CHECK(around.counted().load_high == 1);
    CHECK(around.counted().handshake_cpu_percent >= 50);
}

#endif
