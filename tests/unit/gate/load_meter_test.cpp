#include "gate/load_meter.hpp"

#include "support/catch.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using gate::load_meter;
using gate::sliding_second;

namespace {

const time_point meter_start{1h};

load_marks few()
{
    return {.half_open_high = 10,
            .half_open_low = 5,
            .hellos_per_second_high = 100,
            .hellos_per_second_low = 50,
            .handshake_cpu_percent_high = 50,
            .handshake_cpu_percent_low = 25,
            .hold = 5s};
}

/// A meter with its own clock and a counter of reported changes.
struct meter_fixture {
    /// Adds `rate` hellos a second at even intervals for the given time; updates the meter whenever it
    /// requests a wake-up.
    void hellos(unsigned rate, duration how_long)
    {
        const auto until = now + how_long;
        for (const auto every = duration{1s} / rate; now < until; pass(every)) {
            meter.hello(now);
            look();
        }
    }
    void pass(duration time)
    {
        const auto until = now + time;
        while (meter.next_wake() <= until) {
            now = meter.next_wake();
            look();
        }
        now = until;
    }
    void look() { changes += meter.update(half_open, now) ? 1U : 0U; }

    time_point now = meter_start;
    load_meter meter{few(), 1'000, meter_start};
    std::size_t half_open = 0;
    unsigned changes = 0;
};

}  // namespace

TEST_CASE("The sliding second sums the values of the last second only")
{
    sliding_second sum{meter_start};
    for (int i = 0; i < 100; ++i) sum.add(1, meter_start + i * 10ms);
    CHECK(sum.sum(meter_start + 999ms) == 100);
    CHECK(sum.sum(meter_start + 1'500ms) == 50);
    CHECK(sum.sum(meter_start + 1'990ms) == 1);
    CHECK(sum.sum(meter_start + 2s) == 0);
    sum.add(7, meter_start + 1h);
    CHECK(sum.sum(meter_start + 1h) == 7);
}

TEST_CASE("Load is high from the upper mark of any single measure")
{
    meter_fixture f;
    SECTION("half-open handshakes")
    {
        f.half_open = 9;
        f.look();
        CHECK(f.changes == 0);
        f.half_open = 10;
        f.look();
    }
    SECTION("hellos")
    {
        f.hellos(95, 3s);
        CHECK(f.changes == 0);
        f.hellos(110, 2s);
    }
    SECTION("CPU time")
    {
        f.meter.add_work(499ms, f.now);
        f.look();
        CHECK(f.changes == 0);
        f.meter.add_work(1ms, f.now);
        f.look();
        CHECK(f.meter.load().handshake_cpu_percent == 50);
    }
    CHECK(f.changes == 1);
    CHECK(f.meter.load().high);
}

TEST_CASE("Load returns to normal once all measures have been below their lower marks for the hold time")
{
    meter_fixture f;
    f.half_open = 10;
    f.look();
    f.half_open = 5;
    f.pass(1min);
    CHECK(f.meter.load().high);
    f.half_open = 4;
    f.pass(4s);
    CHECK(f.meter.load().high);
    f.half_open = 5;  // an interruption: the hold time restarts
    f.pass(200ms);
    f.half_open = 4;
    f.pass(4'800ms);
    CHECK(f.meter.load().high);
    f.pass(300ms);
    CHECK(!f.meter.load().high);
    CHECK(f.changes == 2);
}

TEST_CASE("A rate that alternates around the upper mark switches the load once")
{
    meter_fixture f;
    for (int i = 0; i < 60; ++i) f.hellos(i % 2 == 0 ? 90 : 110, 1s);
    CHECK(f.changes == 1);
    CHECK(f.meter.load().high);
    f.pass(10s);
    CHECK(!f.meter.load().high);
    CHECK(f.changes == 2);
}

TEST_CASE("A rate that alternates around the lower mark keeps the load high")
{
    meter_fixture f;
    f.hellos(150, 2s);
    for (int i = 0; i < 30; ++i) f.hellos(i % 2 == 0 ? 40 : 60, 2s);
    CHECK(f.meter.load().high);
    CHECK(f.changes == 1);
}

TEST_CASE("The load meter requests a wake-up only while its state can change without an event")
{
    meter_fixture f;
    CHECK(f.meter.next_wake() == no_deadline);
    f.meter.hello(f.now);
    f.look();
    CHECK(f.meter.next_wake() <= f.now + 1s);
    f.pass(3s);
    CHECK(f.meter.next_wake() == no_deadline);
    CHECK(f.meter.load().hellos_per_second == 0);
    f.half_open = 10;
    f.look();
    CHECK(f.meter.next_wake() <= f.now + 1s);
}

TEST_CASE("A half-open mark that max_half_open makes unreachable is lowered")
{
    load_meter meter{few(), 8, meter_start};
    CHECK(!meter.update(5, meter_start));
    CHECK(meter.update(6, meter_start));

    load_meter least{few(), 1, meter_start};
    CHECK(!least.update(0, meter_start));
    CHECK(least.update(1, meter_start));
    CHECK(!least.update(0, meter_start + 1s));
    CHECK(least.update(0, meter_start + 6s));
}
