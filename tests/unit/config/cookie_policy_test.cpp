#include "config/cookie_policy.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <functional>
#include <limits>

using namespace quivive;
using test::has;
using namespace std::chrono_literals;
using config::check;

namespace {

constexpr auto all_exchanges = {cookie_exchange::always, cookie_exchange::never, cookie_exchange::adaptive,
                                cookie_exchange::drop};

cookie_policy policy_with(cookie_exchange exchange)
{
    cookie_policy policy;
    policy.exchange = exchange;
    return policy;
}

cookie_policy policy_with(cookie_exchange exchange, const char* network_text)
{
    cookie_policy policy;
    policy.rules.push_back({{network::parse(network_text).value()}, exchange});
    return policy;
}

bool in_this_build(cookie_exchange exchange)
{
    switch (compiled_cookies()) {
        case cookie_build::runtime:
            return true;
        case cookie_build::always:
            return exchange == cookie_exchange::always || exchange == cookie_exchange::drop;
        case cookie_build::never:
            return exchange == cookie_exchange::never || exchange == cookie_exchange::drop;
    }
    return false;
}

const char* flag_of_this_build()
{
    return compiled_cookies() == cookie_build::always ? "QUIVIVE_COOKIES=ALWAYS" : "QUIVIVE_COOKIES=NEVER";
}

}  // namespace

TEST_CASE("RFC 6347 4.2.1: the default policy is valid and requires cookies if the build supports them")
{
    const cookie_policy policy;
    CHECK(check(policy).empty());
    CHECK((policy.exchange == cookie_exchange::always) == (compiled_cookies() != cookie_build::never));
}

TEST_CASE("Cookie policy: compiled_cookies() reports the flag of this build")
{
#if defined(QUIVIVE_COOKIES_ALWAYS)
    CHECK(compiled_cookies() == cookie_build::always);
#elif defined(QUIVIVE_COOKIES_NEVER)
    CHECK(compiled_cookies() == cookie_build::never);
#else
    CHECK(compiled_cookies() == cookie_build::runtime);
#endif
}

TEST_CASE(
    "Cookie policy: a default that the build does not support is refused, and the message names the flag")
{
    for (const auto exchange : all_exchanges) {
        CAPTURE(to_string(exchange));
        auto policy = policy_with(exchange);
        policy.trust_all_networks = true;
        const auto problems = check(policy);
        REQUIRE(problems.size() == (in_this_build(exchange) ? 0 : 1));
        if (problems.empty()) continue;
        CHECK(problems.front().key == "cookies.exchange");
        CHECK(has(problems.front().text, flag_of_this_build()));
        CHECK(has(problems.front().text, "\"" + std::string{to_string(exchange)} + "\""));
    }
}

TEST_CASE("Cookie policy: a rule that the build does not support is refused, and the message names the rule")
{
    for (const auto exchange : all_exchanges) {
        CAPTURE(to_string(exchange));
        auto policy = policy_with(cookie_exchange::drop, "10.0.0.0/8");
        policy.rules.push_back({{network::parse("192.0.2.0/24").value()}, exchange});
        const auto problems = check(policy);
        REQUIRE(problems.size() == (in_this_build(exchange) ? 0 : 1));
        if (problems.empty()) continue;
        CHECK(problems.front().key == "cookies.rule[1].exchange");
        CHECK(has(problems.front().text, flag_of_this_build()));
    }
}

TEST_CASE("RFC 6347 4.2.1: `never` for all networks needs trust_all_networks, and the message names the risk")
{
    if (compiled_cookies() != cookie_build::runtime) return;
    auto policy = policy_with(cookie_exchange::never);
    const auto problems = check(policy);
    REQUIRE(problems.size() == 1);
    for (const auto word : {"RFC 6347", "amplification", "trust_all_networks"})
        CHECK(has(problems.front().text, word));
    policy.trust_all_networks = true;
    CHECK(check(policy).empty());
}

TEST_CASE("RFC 6347 4.2.1: a `never` rule for all of IPv4 or all of IPv6 needs trust_all_networks")
{
    if (compiled_cookies() != cookie_build::runtime) return;
    const auto* const everyone = GENERATE("0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96");
    CAPTURE(everyone);
    auto policy = policy_with(cookie_exchange::never, everyone);
    REQUIRE(check(policy).size() == 1);
    CHECK(check(policy).front().key == "cookies.rule[0].exchange");
    CHECK(has(check(policy).front().text, "trust_all_networks"));
    policy.trust_all_networks = true;
    CHECK(check(policy).empty());
}

TEST_CASE(
    "Cookie policy: other rules for all networks, and `never` for fewer, do not need trust_all_networks")
{
    if (compiled_cookies() != cookie_build::runtime) return;
    for (const auto exchange : {cookie_exchange::always, cookie_exchange::adaptive, cookie_exchange::drop})
        CHECK(check(policy_with(exchange, "0.0.0.0/0")).empty());
    CHECK(check(policy_with(cookie_exchange::never, "128.0.0.0/1")).empty());
    CHECK(check(policy_with(cookie_exchange::adaptive)).empty());
    CHECK(check(policy_with(cookie_exchange::drop)).empty());
}

TEST_CASE("Cookie policy: a rule names at least one network")
{
    auto policy = policy_with(cookie_exchange::drop, "10.0.0.0/8");
    policy.rules.push_back({{}, cookie_exchange::drop});
    const auto problems = check(policy);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().key == "cookies.rule[1].networks");
}

TEST_CASE("Cookie policy: a build without cookies refuses a secret for them")
{
    cookie_policy policy;
    policy.secret_file = "/etc/quivive/secret";
    const auto problems = check(policy);
    REQUIRE(problems.size() == (compiled_cookies() == cookie_build::never ? 1 : 0));
    if (!problems.empty()) CHECK(problems.front().key == "cookies.secret_file");
}

TEST_CASE("RFC 6347 4.2.1: cookie keys are rotated every second at the shortest and every day at the longest")
{
    for (const auto every : {1'000ms, std::chrono::milliseconds{24h}}) {
        cookie_policy policy;
        policy.rotate_every = every;
        CHECK(check(policy).empty());
    }
    for (const auto every :
         {-1ms, 999ms, std::chrono::milliseconds{24h} + 1ms, std::chrono::milliseconds::max()}) {
        cookie_policy policy;
        policy.rotate_every = every;
        REQUIRE(check(policy).size() == 1);
        CHECK(check(policy).front().key == "cookies.rotate_every");
    }
}

TEST_CASE("Load marks: each mark has a range, and a low mark must be below its high mark")
{
    struct fault {
        std::string key;
        std::function<void(load_marks&)> make;
    };
    const std::vector<fault> faults{
        {"half_open_high", [](auto& marks) { marks.half_open_high = 0; }},
        {"half_open_low", [](auto& marks) { marks.half_open_low = 0; }},
        {"half_open_low", [](auto& marks) { marks.half_open_low = marks.half_open_high; }},
        {"hellos_per_second_high", [](auto& marks) { marks.hellos_per_second_high = 1'000'000'001; }},
        {"hellos_per_second_low", [](auto& marks) { marks.hellos_per_second_low = 0; }},
        {"hellos_per_second_low", [](auto& marks) { marks.hellos_per_second_high = 1'000; }},
        {"handshake_cpu_high", [](auto& marks) { marks.handshake_cpu_percent_high = 101; }},
        {"handshake_cpu_low", [](auto& marks) { marks.handshake_cpu_percent_low = 0; }},
        {"handshake_cpu_low", [](auto& marks) { marks.handshake_cpu_percent_low = 60; }},
        {"hold", [](auto& marks) { marks.hold = -1ms; }},
        {"hold", [](auto& marks) { marks.hold = 1h + 1ms; }},
    };
    for (const auto& fault : faults) {
        CAPTURE(fault.key);
        cookie_policy policy;
        fault.make(policy.adaptive);
        const auto problems = check(policy);
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().key == "cookies.adaptive." + fault.key);
    }
    cookie_policy edges;
    edges.adaptive = {2, 1, 2, 1, 100, 1, 0ms};
    CHECK(check(edges).empty());
    edges.adaptive.hold = 1h;
    CHECK(check(edges).empty());
}

TEST_CASE("Cookie policy: all problems are reported at once")
{
    auto policy = policy_with(compiled_cookies() == cookie_build::never ? cookie_exchange::always
                                                                        : cookie_exchange::never);
    policy.rotate_every = 0ms;
    policy.rules.emplace_back();
    policy.adaptive.hold = -1ms;
    CHECK(check(policy).size() == 4);
}

TEST_CASE("Every cookie exchange has a name")
{
    CHECK(to_string(cookie_exchange::always) == "always");
    CHECK(to_string(cookie_exchange::never) == "never");
    CHECK(to_string(cookie_exchange::adaptive) == "adaptive");
    CHECK(to_string(cookie_exchange::drop) == "drop");
    CHECK(to_string(cookie_exchange{17}) == "unknown");
}
