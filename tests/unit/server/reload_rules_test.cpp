// Reloaded rules and limits apply to new clients, and existing sessions are not affected.
#include "support/stepwise_client.hpp"
#include "unit/server/reload_fixture.hpp"

#include <mutex>

using namespace quivive;
using namespace std::chrono_literals;
using test::reception;
using test::serving;

namespace {

#if !defined(QUIVIVE_COOKIES_NEVER)
constexpr auto at_first = reception::cookie;
#else
constexpr auto at_first = reception::handshake;
#endif

}  // namespace

TEST_CASE("reload: a network's new rule applies to new clients at once, and to no other network")
{
    serving here;
    CHECK(test::meet(here.served, "127.0.0.2") == at_first);

    here.config.cookies.rules = {test::rule("127.0.0.2/32", cookie_exchange::drop)};
    CHECK(here.served.reload(here.config).empty());
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::nothing));
    CHECK(here.served.metrics().dropped[drop_reason::refused_by_policy] > 0);
    CHECK(test::meet(here.served, "127.0.0.3") == at_first);

    here.config.cookies.rules.clear();
    CHECK(here.served.reload(here.config).empty());
    CHECK(test::soon_meets(here.served, "127.0.0.2", at_first));
    CHECK(here.served.metrics().reloads == 2);
}

#if !defined(QUIVIVE_COOKIES_NEVER) && !defined(QUIVIVE_COOKIES_ALWAYS)
TEST_CASE("reload: one network of four changes from drop to never and to always")
{
    serving here;
    const auto change_to = [&](cookie_exchange exchange) {
        here.config.cookies.rules = {test::rule("127.0.0.2/32", exchange)};
        CHECK(here.served.reload(here.config).empty());
    };
    change_to(cookie_exchange::drop);
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::nothing));
    change_to(cookie_exchange::never);
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::handshake));
    CHECK(test::eventually([&] { return here.served.metrics().admitted_unproven > 0; }));
    change_to(cookie_exchange::always);
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::cookie));
    for (const auto* other : {"127.0.0.1", "127.0.0.3", "127.0.0.4"})
        CHECK(test::meet(here.served, other) == reception::cookie);
}

TEST_CASE("reload: the metrics count the networks without cookies, and a further reload resets them")
{
    serving here;
    CHECK(here.served.metrics().trust_all_networks == 0);
    CHECK(here.served.metrics().never_networks == 0);
    auto trusting = here.config;
    trusting.cookies.trust_all_networks = true;
    trusting.cookies.rules = {test::rule("127.0.0.2/32", cookie_exchange::never),
                              test::rule("127.0.0.3/32", cookie_exchange::drop),
                              test::rule("fd00::/8", cookie_exchange::never)};
    CHECK(here.served.reload(trusting).empty());
    CHECK(here.served.metrics().trust_all_networks == 1);
    CHECK(here.served.metrics().never_networks == 2);
    CHECK(here.served.metrics().reloads == 1);
    CHECK(here.served.reload(here.config).empty());
    CHECK(here.served.metrics().trust_all_networks == 0);
    CHECK(here.served.metrics().never_networks == 0);
    CHECK(here.served.metrics().reloads == 2);
}

TEST_CASE("reload: rules that disable cookies are logged, as at the start of a server")
{
    std::mutex mutex;
    std::string logged;
    auto config = test::loopback_config();
    config.log = [&](log_level level, std::string_view line) {
        const std::lock_guard lock{mutex};
        if (level == log_level::warning) logged.append(line).append(1, '\n');
    };
    serving here{config};
    CHECK(logged.empty());
    config.cookies.rules = {test::rule("127.0.0.2/32", cookie_exchange::never)};
    CHECK(here.served.reload(config).empty());
    const std::lock_guard lock{mutex};
    CHECK(logged.find("127.0.0.2") != std::string::npos);
}
#endif

TEST_CASE("reload: a lower max_sessions applies to new clients and ends no session")
{
    serving here;
    test::stepwise_client first{here.address()}, second{here.address()};
    REQUIRE(first.connect());
    REQUIRE(second.connect());
    here.config.limits.max_sessions = 1;
    here.config.limits.max_sessions_per_source = 10;  // all clients of this test are one source
    CHECK(here.served.reload(here.config).empty());
    CHECK(test::eventually([&] { return test::connect(here.served) == errc::handshake_timeout; }));
    CHECK(here.served.metrics().dropped[drop_reason::session_limit] > 0);
    CHECK(first.echo("one") == "one");
    CHECK(second.echo("two") == "two");

    here.config.limits.max_sessions = 10;
    CHECK(here.served.reload(here.config).empty());
    CHECK(test::eventually([&] { return test::connect(here.served) == error_code{}; }));
}

TEST_CASE("reload: a live session keeps its idle time-out, and a new one has the new time-out")
{
    serving here;
    test::stepwise_client before{here.address()}, after{here.address()};
    REQUIRE(before.connect());
    here.config.limits.idle_timeout = 200ms;
    CHECK(here.served.reload(here.config).empty());
    const auto ended = [&] { return here.served.metrics().sessions_idled_out == 1; };
    CHECK(test::eventually([&] { return after.connect() && test::eventually(ended, 1s); }));
    CHECK(test::eventually([&] { return here.served.metrics().sessions == 1; }));
    CHECK(before.echo("still there") == "still there");
}

TEST_CASE("reload: the log level changes and the log callback stays")
{
    std::mutex mutex;
    std::string logged;
    auto config = test::loopback_config();
    config.log = [&](log_level, std::string_view line) {
        const std::lock_guard lock{mutex};
        logged.append(line).append(1, '\n');
    };
    const auto has = [&](std::string_view part) {
        const std::lock_guard lock{mutex};
        return logged.find(part) != std::string::npos;
    };
    serving here{config};
    test::stepwise_client quiet{here.address()}, told{here.address()}, untold{here.address()};
    REQUIRE(quiet.connect());
    CHECK_FALSE(has("session with"));

    config.log_level = log_level::debug;
    config.log = nullptr;  // the log callback stays
    CHECK(here.served.reload(config).empty());
    REQUIRE(told.connect());
    CHECK(test::eventually([&] { return has("session with " + to_string(told.socket().local())); }));

    config.log_level = log_level::warning;
    CHECK(here.served.reload(config).empty());
    REQUIRE(untold.connect());
    CHECK(untold.echo("x") == "x");
    CHECK_FALSE(has("session with " + to_string(untold.socket().local())));
}
