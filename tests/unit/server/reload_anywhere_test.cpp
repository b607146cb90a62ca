// Reloads on any thread, within a handler, before the server serves and after it has stopped.
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"
#include "unit/server/reload_fixture.hpp"

#include <array>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>

using namespace quivive;
using namespace std::chrono_literals;
using test::dropping;
using test::reception;
using test::serving;
namespace asio = boost::asio;

namespace {

server_config with_threads(std::size_t count)
{
    auto config = test::loopback_config();
    config.threads = count;
    return config;
}

/// Sends hellos from so many ports that every thread's socket receives some; returns whether none is
/// answered.
bool all_meet_nothing(server& served)
{
    for (int i = 0; i < 64; ++i)
        if (test::meet(served, "127.0.0.2") != reception::nothing) return false;
    return true;
}

/// Reloads the configuration and then echoes.
struct reloading_handler final : session_handler {
    server* served = nullptr;
    server_config next;

    asio::awaitable<void> run(session session) override
    {
        if (!served->reload(next).empty()) co_return;
        co_await test::echo(std::move(session));
    }
};

}  // namespace

TEST_CASE("reload: every thread of a server adopts the configuration")
{
    serving here{with_threads(2)};
    CHECK(here.served.reload(dropping(here.config)).empty());
    CHECK(test::eventually([&] { return all_meet_nothing(here.served); }));
    CHECK(here.served.metrics().reloads == 1);
}

TEST_CASE("reload: a handler on the server's own threads may reload")
{
    const auto config = with_threads(GENERATE(std::size_t{1}, std::size_t{2}));
    server served{config};
    const auto handler = std::make_shared<reloading_handler>();
    handler->served = &served;
    handler->next = dropping(config);
    served.serve(handler);
    test::stepwise_client client{served.local_endpoints().front()};
    REQUIRE(client.connect());
    CHECK(client.echo("after all") == "after all");
    CHECK(served.metrics().reloads == 1);
    CHECK(test::eventually([&] { return all_meet_nothing(served); }));
}

TEST_CASE("reload: a handler on the user's executor may reload")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    const auto handler = std::make_shared<reloading_handler>();
    handler->served = &served;
    handler->next = dropping(test::loopback_config());
    served.serve(handler);
    const auto answer = test::run(io, [&]() -> asio::awaitable<std::string> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
        auto heard = co_await test::say(to, "after all");
        served.stop();
        co_return heard;
    }());
    CHECK(answer == "after all");
    CHECK(served.metrics().reloads == 1);
}

TEST_CASE("reload: reloads from several threads at once are each applied whole")
{
    constexpr std::uint64_t threads = 4, times = 25;
    serving here{with_threads(2)};
    test::stepwise_client live{here.address()};
    REQUIRE(live.connect());
    {
        std::vector<std::jthread> at_once;
        for (std::uint64_t t = 0; t < threads; ++t)
            at_once.emplace_back([&, t] {
                auto config = t % 2 == 0 ? here.config : dropping(here.config);
                config.limits.max_sessions += t;
                for (std::uint64_t i = 0; i < times; ++i) (void)here.served.reload(config);
            });
        for (int i = 0; i < 20; ++i) CHECK(live.echo(std::to_string(i)) == std::to_string(i));
    }
    CHECK(here.served.metrics().reloads == threads * times);
    CHECK(here.served.reload(dropping(here.config)).empty());
    CHECK(test::eventually([&] { return all_meet_nothing(here.served); }));
    CHECK(live.echo("still there") == "still there");
}

TEST_CASE("reload: a server may be reloaded before it serves")
{
    server served{test::loopback_config()};
    CHECK(served.reload(dropping(test::loopback_config())).empty());
    served.serve(test::echo);
    CHECK(test::meet(served, "127.0.0.2") == reception::nothing);
}

TEST_CASE("reload: while a server drains, a reload admits no new client and the sessions continue")
{
    serving here;
    test::stepwise_client live{here.address()};
    REQUIRE(live.connect());
    here.served.stop(10s);
    CHECK(here.served.reload(dropping(here.config)).empty());
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::nothing));
    CHECK(live.echo("still there") == "still there");
    for (const auto* unknown_peer : {"127.0.0.1", "127.0.0.3"})
        CHECK(test::meet(here.served, unknown_peer) == reception::nothing);
    here.served.stop();
    here.served.join();
    CHECK(here.served.metrics().sessions == 0);
}

TEST_CASE("reload: after stop, a reload on the server's own threads has no effect")
{
    serving here{with_threads(2)};
    test::stepwise_client live{here.address()};
    REQUIRE(live.connect());
    here.served.stop();
    CHECK(here.served.reload(dropping(here.config)).empty());
    here.served.join();
    CHECK(here.served.reload(here.config).empty());
    auto bad = here.config;
    bad.mtu = 10;
    CHECK(test::refusal(here.served, bad).size() == 1);
    CHECK(here.served.metrics().reloads == 2);
}

TEST_CASE("reload: after stop, a reload on the user's executor leaves no work there")
{
    asio::io_context io;
    auto config = test::loopback_config();
    std::optional<server> served{std::in_place, io.get_executor(), config};
    served->serve(test::echo);
    served->stop();
    CHECK(served->reload(dropping(config)).empty());
    io.run_for(10s);
    CHECK(io.stopped());  // on its own: no timer, no socket
    CHECK(served->reload(config).empty());
    served.reset();  // with a configuration that is not applied yet
    io.restart();
    io.run_for(10s);
    CHECK(io.stopped());
}

TEST_CASE("reload: the log callback is called without a lock, so that it may reload or import")
{
    const test::temp_directory folder;
    auto config = with_threads(1);
    config.state = folder.file("state");
    std::unique_ptr<server> served;
    std::future<void> within;
    bool has_ended = false;
    config.log = [&](log_level, std::string_view line) {
        if (!test::has(line, "was removed or replaced") || within.valid()) return;
        within = std::async(std::launch::async, [&] {
            (void)served->reload(test::loopback_config());
            (void)served->import_session(std::array<std::byte, 1>{});
        });
        has_ended = within.wait_for(5s) == std::future_status::ready;
    };
    served = std::make_unique<server>(config);
    std::filesystem::remove_all(config.state);
    SECTION("a reload") { (void)served->reload(config); }
    SECTION("an import") { CHECK(served->import_session(std::array<std::byte, 1>{}) == errc::bad_blob); }
    REQUIRE(within.valid());
    within.get();
    CHECK(has_ended);
}
