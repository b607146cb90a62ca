// Cases that fail in different ways, and one that passes, for case_listener_test.sh.
#include "support/catch.hpp"

#include <chrono>
#include <future>
#include <stdexcept>

TEST_CASE("fails") { CHECK(1 == 2); }

TEST_CASE("throws") { throw std::runtime_error{"as asked"}; }

TEST_CASE("fails and does not end")
{
    CHECK(1 == 2);
    std::promise<void> never;
    (void)never.get_future().wait_for(std::chrono::minutes{1});
}

TEST_CASE("passes") { CHECK(1 == 1); }
