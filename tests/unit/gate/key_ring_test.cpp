#include "gate/key_ring.hpp"

#include "counting_cookies.hpp"
#include "support/catch.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using test::key_number;

namespace {

const time_point ring_start{1h};

}  // namespace

TEST_CASE("Key ring: it starts with two fresh keys")
{
    const gate::key_ring keys{30s, test::numbered_keys{}, ring_start};
    CHECK(keys.live()[0] == key_number(1));
    CHECK(keys.live()[1] == key_number(2));
}

TEST_CASE("RFC 6347 4.2.1: a key signs for one period and is accepted for one more")
{
    gate::key_ring keys{30s, test::numbered_keys{}, ring_start};
    REQUIRE(keys.refresh(ring_start + 30s - 1ns));
    CHECK(keys.live()[0] == key_number(1));
    REQUIRE(keys.refresh(ring_start + 30s));
    CHECK(keys.live()[0] == key_number(3));
    CHECK(keys.live()[1] == key_number(1));
    REQUIRE(keys.refresh(ring_start + 60s - 1ns));
    CHECK(keys.live()[1] == key_number(1));
    REQUIRE(keys.refresh(ring_start + 60s));
    CHECK(keys.live()[0] == key_number(4));
    CHECK(keys.live()[1] == key_number(3));
}

TEST_CASE("Key ring: a late rotation does not delay the next ones")
{
    gate::key_ring keys{30s, test::numbered_keys{}, ring_start};
    REQUIRE(keys.refresh(ring_start + 59s));
    CHECK(keys.live()[0] == key_number(3));
    REQUIRE(keys.refresh(ring_start + 60s));
    CHECK(keys.live()[0] == key_number(4));
}

TEST_CASE("Key ring: after an idle time of two periods or more no old key is accepted")
{
    const auto quiet = GENERATE(as<std::chrono::seconds>{}, 60, 61, 90, 86'400, 31'536'000);
    gate::key_ring keys{30s, test::numbered_keys{}, ring_start};
    REQUIRE(keys.refresh(ring_start + quiet));
    for (const int old : {1, 2}) {
        CHECK(keys.live()[0] != key_number(old));
        CHECK(keys.live()[1] != key_number(old));
    }
    CHECK(keys.live()[0] != keys.live()[1]);

    // The new key is accepted for its full lifetime.
    const auto signing = keys.live()[0];
    REQUIRE(keys.refresh(ring_start + quiet + 30s - 1ns));
    CHECK(keys.live()[0] == signing);
    REQUIRE(keys.refresh(ring_start + quiet + 30s));
    CHECK(keys.live()[1] == signing);
}

TEST_CASE("Key ring: a time that stands still or goes back changes nothing")
{
    gate::key_ring keys{30s, test::numbered_keys{}, ring_start};
    for (int i = 0; i < 100; ++i) CHECK(keys.refresh(ring_start));
    REQUIRE(keys.refresh(ring_start - 1h));
    CHECK(keys.live()[0] == key_number(1));
    CHECK(keys.live()[1] == key_number(2));
}

TEST_CASE("Key ring: without randomness it has no keys at the start")
{
    const auto good = GENERATE(0U, 1U);
    CHECK_THROWS_AS((gate::key_ring{30s, test::unreliable_keys{good, 1}, ring_start}), std::runtime_error);
}

TEST_CASE("Key ring: when randomness fails at a rotation, both old keys are kept")
{
    const auto drawn = GENERATE(0U, 1U);  // the failing key, of the two that are due after a long idle time
    const auto late = ring_start + 1h;
    gate::key_ring keys{30s, test::unreliable_keys{2 + drawn, 3}, ring_start};
    for (int failure = 0; failure < 3; ++failure) {
        CHECK_FALSE(keys.refresh(late));
        CHECK(keys.live()[0] == key_number(1));
        CHECK(keys.live()[1] == key_number(2));
    }
    REQUIRE(keys.refresh(late));
    for (const int old : {1, 2}) {
        CHECK(keys.live()[0] != key_number(old));
        CHECK(keys.live()[1] != key_number(old));
    }
}
