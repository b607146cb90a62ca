#include "adaptive_world.hpp"
#include "support/catch.hpp"

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

namespace {

/// Sends 20 000 hellos a second for `how_long`, each from another address.
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

TEST_CASE("Adaptive policy: a cookie validates the address, and is required only under high load")
{
    world around{
        {}, adaptive({.hellos_per_second_high = 10, .hellos_per_second_low = 5}), psk_server(), psk_client()};
    for (unsigned i = 0; i < 10; ++i) (void)around.route(world::path_of(100 + i, 1), make_hello());
    REQUIRE(around.counted().load_high == 1);
    auto& client = around.connect(1);
    CHECK(client.connected());
    CHECK(around.listener.last_proven);
    CHECK(around.session_of(client)->validated);
}

TEST_CASE(
    "Adaptive policy: a flood turns on challenges, honest clients connect, and challenges end after the hold")
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

    // The spoofed clients stay silent, so the load falls below the marks. Then the hold time passes.
    around.pass(limits{}.unproven_timeout + load_marks{}.hold + 1s);
    REQUIRE(around.listener.loads.size() == 2);
    CHECK(!around.listener.loads.back().high);
    CHECK(around.server->half_open() == 0);
    const auto answered = around.counted().answered;
    CHECK(around.connect(2).connected());
    CHECK(around.counted().answered == answered);
}

TEST_CASE("Adaptive policy: a rate that oscillates around the mark turns on challenges once")
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

TEST_CASE("Adaptive policy: handshakes that use half of the CPU time count as high load")
{
    world around{
        {}, adaptive({.handshake_cpu_percent_high = 50, .handshake_cpu_percent_low = 25}), psk_server()};
    around.meter.each = 60ms;
    for (unsigned i = 0; i < 5; ++i) (void)around.route(world::path_of(i, 1), make_hello());
    CHECK(around.route(world::path_of(9, 1), make_hello()).disposition == disposition::answered);
    CHECK(around.counted().load_high == 1);
    CHECK(around.counted().handshake_cpu_percent >= 50);
}

#endif
