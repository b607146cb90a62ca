// Cost of the time-outs of very many sessions.
#include "bench/micro/harness.hpp"
#include "dispatch/timer_wheel.hpp"

#include <memory>
#include <random>
#include <stdexcept>

namespace quivive::bench {

namespace {

using namespace std::chrono_literals;
using dispatch::timer_wheel, dispatch::wheel_timer;

struct filled_wheel {
    explicit filled_wheel(std::size_t size) : timers{new wheel_timer[size]}, count{size}
    {
        for (std::size_t i = 0; i < size; ++i) schedule(i);
    }
    /// Schedules a timer at a random time within five minutes, as idle time-outs are.
    void schedule(std::size_t which)
    {
        wheel.schedule(timers[which], now + std::chrono::milliseconds{random() % 300'000});
    }

    time_point now{1h};
    timer_wheel wheel{now};
    std::unique_ptr<wheel_timer[]> timers;
    std::size_t count;
    std::minstd_rand random{1};
};

/// Expires all timers, tick by tick over five minutes, until at least `times` have fired.
work expire(std::size_t size)
{
    return [size](std::size_t times) {
        std::chrono::nanoseconds took{0};
        std::size_t fired = 0;
        while (fired < times) {
            filled_wheel filled{size};
            const auto before = fired;
            const auto begin = cpu_now();
            for (auto now = filled.now; now < filled.now + 301s; now += 16ms)
                filled.wheel.advance(now, [&](wheel_timer&) { ++fired; });
            took += cpu_now() - begin;
            if (fired - before != size) throw std::logic_error{"not all timers have fired"};
        }
        return took * times / fired;
    };
}

}  // namespace

void measure_timer_wheel(harness& with)
{
    const auto size = with.largest();
    const auto name = "timer wheel/" + std::to_string(size) + " ";
    if (!with.wants(name + "schedule") && !with.wants(name + "cancel") && !with.wants(name + "expire") &&
        !with.wants(name + "next wake"))
        return;
    filled_wheel filled{size};
    with.measure(name + "schedule", repeat([&] { filled.schedule(filled.random() % filled.count); }));
    with.measure(name + "cancel and schedule", repeat([&] {
                     const auto which = filled.random() % filled.count;
                     filled.wheel.cancel(filled.timers[which]);
                     filled.schedule(which);
                 }));
    with.measure(name + "next wake", repeat([&] { keep(filled.wheel.next_wake()); }));
    with.measure(name + "expire", expire(size));
}

}  // namespace quivive::bench
