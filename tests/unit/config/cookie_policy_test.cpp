#include "config/cookie_policy.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace quivive;
using namespace std::chrono_literals;
using config::check;

TEST_CASE("RFC 6347 4.2.1: the default policy has nothing wrong with it, and asks where it can")
{
    const cookie_policy policy;
    CHECK(check(policy).empty());
    CHECK((policy.exchange == cookie_exchange::always) == (compiled_cookies() != cookie_build::never));
}

TEST_CASE("Cookie policy: this build is what its flag says")
{
#if defined(QUIVIVE_COOKIES_ALWAYS)
    CHECK(compiled_cookies() == cookie_build::always);
#elif defined(QUIVIVE_COOKIES_NEVER)
    CHECK(compiled_cookies() == cookie_build::never);
#else
    CHECK(compiled_cookies() == cookie_build::runtime);
#endif
}

TEST_CASE("Cookie policy: what a build does not contain is refused, and its flag named")
{
    const auto problems = [](cookie_exchange exchange) {
        return check({.exchange = exchange, .trust_all_networks = true});
    };
    const auto never = problems(cookie_exchange::never);
    CHECK(never.empty() == (compiled_cookies() != cookie_build::always));
    if (!never.empty()) CHECK(never.front().find("QUIVIVE_COOKIES=ALWAYS") != std::string::npos);
    const auto always = problems(cookie_exchange::always);
    CHECK(always.empty() == (compiled_cookies() != cookie_build::never));
    if (!always.empty()) CHECK(always.front().find("QUIVIVE_COOKIES=NEVER") != std::string::npos);
}

TEST_CASE("RFC 6347 4.2.1: `never` for everyone must be said twice, and the risk is named")
{
    if (compiled_cookies() != cookie_build::runtime) return;
    const auto problems = check({.exchange = cookie_exchange::never});
    REQUIRE(problems.size() == 1);
    for (const auto word : {"RFC 6347", "amplification", "trust_all_networks"})
        CHECK(problems.front().find(word) != std::string::npos);
}

TEST_CASE("Cookie policy: keys live for a second at least")
{
    cookie_policy policy;
    policy.rotate_every = 999ms;
    REQUIRE(check(policy).size() == 1);
    CHECK(check(policy).front().find("cookies.rotate_every is 999 ms") != std::string::npos);
    policy.rotate_every = -1ms;
    CHECK(check(policy).size() == 1);
    policy.rotate_every = 1'000ms;
    CHECK(check(policy).empty());
}

TEST_CASE("RFC 6347 4.2.1: the secret changes often, once a day at least, and no period overflows the clock")
{
    cookie_policy policy;
    policy.rotate_every = 24h;
    CHECK(check(policy).empty());
    for (const auto every : {std::chrono::milliseconds{24h} + 1ms, std::chrono::milliseconds::max()}) {
        policy.rotate_every = every;
        REQUIRE(check(policy).size() == 1);
        CHECK(check(policy).front().find("cookies.rotate_every") != std::string::npos);
    }
}

TEST_CASE("Cookie policy: all problems are told at once")
{
    cookie_policy policy;
    policy.exchange =
        compiled_cookies() == cookie_build::never ? cookie_exchange::always : cookie_exchange::never;
    policy.rotate_every = 0ms;
    CHECK(check(policy).size() == 2);
}

TEST_CASE("Cookie exchanges by name")
{
    CHECK(to_string(cookie_exchange::always) == "always");
    CHECK(to_string(cookie_exchange::never) == "never");
}
