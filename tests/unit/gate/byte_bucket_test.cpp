#include "gate/byte_bucket.hpp"

#include "support/catch.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using gate::byte_bucket;

namespace {
const time_point begin_of_bucket{1h};
}

TEST_CASE("a byte bucket gives one second's worth at once and then its rate")
{
    const auto now = begin_of_bucket;
    byte_bucket bucket;
    std::size_t sum = 0;
    for (int i = 0; i < 100; ++i) sum += bucket.take(1'300, 64'000, now) ? 1'300U : 0U;
    CHECK(sum == 49 * 1'300);
    for (int ms = 1; ms <= 10'000; ++ms) sum += bucket.take(1'300, 64'000, now + ms * 1ms) ? 1'300U : 0U;
    CHECK(sum <= 11 * 64'000);
    CHECK(sum > 11 * 64'000 - 1'300);
    CHECK_FALSE(bucket.take(64'001, 64'000, now + 1h));
    CHECK(bucket.take(65'507, 1'000'000'000, now + 1h));
}

TEST_CASE("a byte bucket keeps its bytes when a request is too large, and drain takes the rest")
{
    const auto now = begin_of_bucket;
    byte_bucket bucket;
    CHECK_FALSE(bucket.take(1'001, 1'000, now));
    CHECK(bucket.has(1'000, 1'000, now));
    bucket.drain(600, 1'000, now);
    CHECK(bucket.has(400, 1'000, now));
    CHECK_FALSE(bucket.has(401, 1'000, now));
    bucket.drain(600, 1'000, now);
    CHECK_FALSE(bucket.has(1, 1'000, now));
    CHECK(bucket.has(100, 1'000, now + 100ms));  // there is no debt
    CHECK_FALSE(bucket.has(101, 1'000, now + 100ms));
}
