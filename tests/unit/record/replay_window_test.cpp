#include "record/replay_window.hpp"

#include "support/catch.hpp"

#include <random>
#include <set>

using quivive::record::replay_window;

TEST_CASE("RFC 6347 4.1.2.6: exactly the noted sequence numbers count as seen")
{
    replay_window window;
    CHECK_FALSE(window.has(0));
    window.note(0);
    CHECK(window.has(0));
    CHECK_FALSE(window.has(1));
    window.note(5);
    for (const std::uint64_t unseen : {1U, 2U, 3U, 4U, 6U}) CHECK_FALSE(window.has(unseen));
    window.note(3);
    CHECK(window.has(3));
    CHECK(window.has(5));
    CHECK_FALSE(window.has(4));
}

TEST_CASE("RFC 6347 4.1.2.6: the window is 64 wide, and older sequence numbers count as seen")
{
    replay_window window;
    window.note(1'000);
    CHECK_FALSE(window.has(1'000 - 63));
    CHECK(window.has(1'000 - 64));
    CHECK(window.has(0));
    window.note(1'000 - 63);
    CHECK(window.has(1'000 - 63));
    window.note(1'001);
    CHECK(window.has(1'000));
    CHECK(window.has(1'001 - 64));
}

TEST_CASE("RFC 6347 4.1.2.6: a jump ahead keeps the numbers inside the window and drops the others")
{
    replay_window window;
    window.note(10);
    window.note(10 + 63);
    CHECK(window.has(10));
    CHECK_FALSE(window.has(11));
    window.note(10 + 63 + 64);
    CHECK(window.has(10 + 63));  // outside the window, so it counts as seen
    CHECK_FALSE(window.has(10 + 64));
    constexpr auto last = (std::uint64_t{1} << 48) - 1;
    window.note(last);
    CHECK(window.has(last));
    CHECK_FALSE(window.has(last - 1));
}

TEST_CASE("Replay window: noting a number outside the window or a number twice changes nothing")
{
    replay_window window;
    window.note(100);
    window.note(1);
    window.note(100);
    CHECK(window.has(100));
    CHECK_FALSE(window.has(99));
    CHECK_FALSE(window.has(101));
}

TEST_CASE("Replay window: it agrees with a set of all numbers in any order")
{
    std::mt19937 random{20'261'123};
    for (int round = 0; round < 200; ++round) {
        replay_window window;
        std::set<std::uint64_t> noted;
        std::uint64_t base = random() % 100;
        for (int i = 0; i < 200; ++i) {
            base += random() % 3;
            const auto number = base + random() % 80;
            const bool too_old = !noted.empty() && *noted.rbegin() >= number + 64;
            REQUIRE(window.has(number) == (too_old || noted.contains(number)));
            window.note(number);
            noted.insert(number);
        }
    }
}
