#include "server/cpu_meter.hpp"

#include "support/catch.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using runtime::cpu_meter;

namespace {

/// The time that the clocks return. Global, since the clocks are plain functions.
struct shown_time {
    time_point now{1h};
    duration cpu{};
    int thread = 0;
    int looks = 0;  ///< reads of the CPU clock
} shown;

cpu_meter fresh_meter()
{
    shown = {};
    return cpu_meter{cpu_meter::clocks{
        []() noexcept { return shown.now; },
        []() noexcept {
            ++shown.looks;
            return shown.cpu;
        },
        []() noexcept -> const void* { return reinterpret_cast<const char*>(&shown) + shown.thread; },
    }};
}

/// Advances the clocks for a thread that runs, or that waits.
void work(duration time)
{
    shown.now += time;
    shown.cpu += time;
}
void wait(duration time) { shown.now += time; }

}  // namespace

TEST_CASE("CPU time of handshakes: a handshake that waits for 200 ms counts only its time on the CPU")
{
    auto meter = fresh_meter();
    meter.begin();
    work(10us);
    wait(200ms);
    work(20us);
    CHECK(meter.end() == 30us);
}

TEST_CASE("CPU time of handshakes: work of the thread between handshakes is not counted")
{
    auto meter = fresh_meter();
    duration told{};
    for (int i = 0; i < 1'000; ++i) {
        meter.begin();
        work(20us);
        told += meter.end();
        work(80us);  // a session's data
        wait(5us);
    }
    work(1ms);
    meter.begin();
    told += meter.end();
    CHECK(told == 20ms);
}

TEST_CASE("CPU time of handshakes: the clock that costs a system call is read once a millisecond")
{
    auto meter = fresh_meter();
    for (int i = 0; i < 1'000; ++i) {
        meter.begin();
        work(10us);
        (void)meter.end();
    }
    CHECK(shown.looks <= 11);
    // Handshakes far apart read the clock once each, whatever they cost.
    shown.looks = 0;
    for (int i = 0; i < 10; ++i) {
        wait(1s);
        meter.begin();
        work(100us);
        (void)meter.end();
    }
    CHECK(shown.looks == 10);
}

TEST_CASE("CPU time of handshakes: the time of a strand that changes threads is counted for each thread")
{
    auto meter = fresh_meter();
    meter.begin();
    work(100us);
    duration told = meter.end();
    shown.thread = 1;
    shown.cpu = 5h;  // the CPU time of that thread
    meter.begin();
    work(2ms);
    told += meter.end();
    shown.thread = 0;
    shown.cpu = 1s;
    meter.begin();
    wait(200ms);
    work(3ms);
    told += meter.end();
    CHECK(told == 100us + 2ms + 3ms);
}
