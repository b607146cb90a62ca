#include "dispatch/timer_wheel.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <random>

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::timer_wheel;
using dispatch::wheel_timer;

namespace {

const time_point start{1'000s};
constexpr auto tick = 16ms;

}  // namespace

TEST_CASE("timer wheel: a timer fires once, not early and at most one tick late")
{
    const auto delay = GENERATE(0ms, 1ms, 15ms, 16ms, 17ms, 1000ms, 1024ms, 1025ms, 65'536ms, 300'000ms,
                                4'194'304ms, 86'400'000ms, 30 * 86'400'000ms);
    timer_wheel wheel{start};
    wheel_timer timer;
    wheel.schedule(timer, start + delay);
    int fired = 0;
    if (delay > 0ms) {
        wheel.advance(start + delay - 1ms, [&](wheel_timer&) { ++fired; });
        CHECK(fired == 0);
    }
    wheel.advance(start + delay + tick, [&](wheel_timer& t) {
        CHECK(&t == &timer);
        CHECK_FALSE(t.scheduled());
        ++fired;
    });
    CHECK(fired == 1);
    wheel.advance(start + delay + 100h, [&](wheel_timer&) { ++fired; });
    CHECK(fired == 1);
}

TEST_CASE("timer wheel: a loop that sleeps until next_wake() fires each timer on time")
{
    timer_wheel wheel{start};
    wheel_timer timer;
    const auto due = start + 12'345'678ms;
    wheel.schedule(timer, due);
    time_point fired_at{};
    int steps = 0;
    while (fired_at == time_point{} && wheel.next_wake() != no_deadline && ++steps < 100) {
        const auto now = wheel.next_wake();
        wheel.advance(now, [&](wheel_timer&) { fired_at = now; });
    }
    CHECK(fired_at >= due);
    CHECK(fired_at <= due + tick);
    CHECK(steps <= 5);  // at most one wake-up for each level
    CHECK(wheel.next_wake() == no_deadline);
}

TEST_CASE("timer wheel: a cancelled timer does not fire and does not count for next_wake()")
{
    timer_wheel wheel{start};
    wheel_timer cancelled, kept;
    wheel.schedule(cancelled, start + 100ms);
    wheel.schedule(kept, start + 200ms);
    wheel.cancel(cancelled);
    CHECK(wheel.next_wake() >= start + 200ms);
    wheel.cancel(kept);
    CHECK(wheel.next_wake() == no_deadline);
    wheel.advance(start + 1h, [](wheel_timer&) { FAIL("fired"); });
}

TEST_CASE("timer wheel: scheduling for no_deadline cancels the timer")
{
    timer_wheel wheel{start};
    wheel_timer timer;
    wheel.schedule(timer, start + 1s);
    wheel.schedule(timer, no_deadline);
    CHECK_FALSE(timer.scheduled());
    CHECK(wheel.next_wake() == no_deadline);
}

TEST_CASE("timer wheel: a firing timer may schedule itself and cancel others")
{
    timer_wheel wheel{start};
    wheel_timer repeating, victim;
    wheel.schedule(repeating, start + 10ms);
    wheel.schedule(victim, start + 11ms);  // the same tick
    auto now = start;
    int fired = 0;
    for (int i = 0; i < 10; ++i) {
        now += 120ms;
        wheel.advance(now, [&](wheel_timer& timer) {
            REQUIRE(&timer == &repeating);
            ++fired;
            wheel.cancel(victim);
            wheel.schedule(repeating, now + 100ms);
        });
    }
    CHECK(fired == 10);
}

TEST_CASE("timer wheel: timers above the limit of one call fire in the next calls, in order")
{
    timer_wheel wheel{start};
    std::deque<wheel_timer> timers(100);
    for (auto& timer : timers) wheel.schedule(timer, start + 64 * tick);  // from a higher level
    wheel_timer late;
    wheel.schedule(late, start + 65 * tick);
    const auto now = start + 1h;
    std::size_t calls = 0, fired = 0;
    bool late_fired = false;
    for (; wheel.next_wake() <= now; ++calls) {
        std::size_t of_this_call = 0;
        wheel.advance(now, 7, [&](wheel_timer& timer) {
            CHECK(++of_this_call <= 7);
            if (fired < timers.size())
                CHECK(&timer == &timers[fired]);
            else
                late_fired = &timer == &late;
            ++fired;
        });
        REQUIRE(calls < 100);
    }
    CHECK(fired == timers.size() + 1);
    CHECK(late_fired);
    CHECK(calls == (fired + 6) / 7);
}

TEST_CASE("timer wheel: behaves like a sorted map under random times, steps and cancellations")
{
    const std::size_t most = GENERATE(SIZE_MAX, 1, 3);
    std::mt19937_64 random{20261};
    timer_wheel wheel{start};
    std::deque<wheel_timer> timers(500);
    std::map<wheel_timer*, time_point> expected;
    auto now = start;
    const auto any_time = [&] {
        const auto magnitude = std::uniform_int_distribution<>{0, 27}(random);
        return now + std::chrono::milliseconds{random() % (std::uint64_t{1} << magnitude)};
    };
    for (int step = 0; step < 5'000; ++step) {
        auto& timer = timers[random() % timers.size()];
        if (random() % 4 == 0) {
            wheel.cancel(timer);
            expected.erase(&timer);
        } else {
            wheel.schedule(timer, any_time());
            expected[&timer] = timer.due();
        }
        if (random() % 8 == 0) now = any_time();
        do {
            wheel.advance(now, most, [&](wheel_timer& fired) {
                const auto found = expected.find(&fired);
                REQUIRE(found != expected.end());
                REQUIRE(found->second <= now);
                expected.erase(found);
            });
            if (most == SIZE_MAX || random() % 4 != 0) continue;
            auto& another = timers[random() % timers.size()];  // before the rest of the tick
            wheel.schedule(another, any_time());
            expected[&another] = another.due();
        } while (wheel.next_wake() <= now);
        for (const auto& [waiting, due] : expected) REQUIRE(due + tick > now - tick);
    }
}
