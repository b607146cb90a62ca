#include "wire/token_bucket.hpp"

#include "support/catch.hpp"

using namespace quivive;
using namespace std::chrono_literals;

namespace {

/// Returns how many of `asked` calls at that time obtain a token.
int taken(wire::token_bucket& from, time_point now, int asked, std::size_t size)
{
    int count = 0;
    for (int i = 0; i < asked; ++i) count += from.take(now, size, 1s) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("A token bucket is full at first, never exceeds its size and is refilled one token at a time")
{
    const time_point start{1h};
    wire::token_bucket bucket;
    CHECK(taken(bucket, start, 100, 3) == 3);
    CHECK(taken(bucket, start + 1s - 1ns, 100, 3) == 0);
    CHECK(taken(bucket, start + 1s, 100, 3) == 1);
    CHECK(taken(bucket, start + 3500ms, 100, 3) == 2);
    CHECK(taken(bucket, start + 1h, 100, 3) == 3);
}

TEST_CASE("A token bucket of size one gives one token at a time, and one of size zero gives none")
{
    const time_point start{1h};
    wire::token_bucket one, none;
    CHECK(taken(one, start, 100, 1) == 1);
    CHECK(taken(one, start + 1s, 100, 1) == 1);
    CHECK(taken(none, start, 100, 0) == 0);
    CHECK(taken(none, start + 1h, 100, 0) == 0);
}

TEST_CASE("A token bucket of 1 000 000 000 tokens does not overflow")
{
    wire::token_bucket bucket;
    CHECK(taken(bucket, time_point{1h}, 1'000, 1'000'000'000) == 1'000);
}
