// The table of waiting states in src/README.md. Each operation waits, with outstanding work on its handler's
// executor, until one event completes it, once. faults/congestion_test.cpp covers the row of async_send.
#include "unit/server/waiting_fixture.hpp"

#include <array>
#include <future>
#include <optional>
#include <string>
#include <utility>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::three_executors;

namespace {

const error_code no_error, aborted = asio::error::operation_aborted, end_of_file = asio::error::eof;

/// Two sides of a session, and an operation of the first side.
struct two_sides : three_executors {
    explicit two_sides(std::chrono::milliseconds close_timeout = limits{}.close_timeout)
        : three_executors{close_timeout}
    {
        connect(close_timeout);
        here = &handler->sessions.front();
        if (GENERATE(false, true)) {
            std::swap(here, there);
            std::swap(at_home, far_away);
        }
    }
    void say()
    {
        there->async_send(asio::buffer("word", 4), [](error_code why, std::size_t) { CHECK_FALSE(why); });
    }
    session* here = nullptr;
    session* there = &client;
    asio::io_context* at_home = &servers;
    asio::io_context* far_away = &clients;
};

}  // namespace

TEST_CASE("waiting: a receive waits for a message or the end of its session")
{
    two_sides of;
    std::array<char, 16> into{};
    if (GENERATE(false, true))
        of.here->async_receive(of.tell());
    else
        of.here->async_receive(asio::buffer(into), of.tell());
    of.waits(*of.at_home);
    SECTION("a message arrives")
    {
        of.say();
        of.is_woken(no_error);
    }
    SECTION("the session ends")
    {
        *of.there = {};
        of.is_woken(end_of_file);
    }
    SECTION("the session is closed by its owner")
    {
        of.here->async_close([](error_code) {});
        of.is_woken(aborted);
    }
    SECTION("the session is destroyed")
    {
        *of.here = {};
        of.is_woken(aborted);
    }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: a receive with a queued message and a send with capacity complete without waiting")
{
    two_sides of;
    of.say();
    if (GENERATE(false, true)) {
        for (int i = 0; i < 10; ++i) of.run_until([] { return true; });
        of.here->async_receive(of.tell());
    } else {
        of.here->async_send(asio::buffer("word", 4), of.tell());
    }
    of.is_begun();
    of.is_woken(no_error);
}

TEST_CASE("waiting: a close waits for the peer's close_notify or for the time-out")
{
    two_sides of;
    of.here->async_close(of.tell());
    of.waits(*of.at_home);
    SECTION("the peer's close_notify arrives") { of.is_woken(no_error); }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: a close waits no longer than its time-out for a silent peer")
{
    two_sides of{200ms};
    of.here->async_close(of.tell());
    of.waits(*of.at_home);
    of.at_home->restart();
    of.at_home->run_for(10s);  // without the peer
    of.is_woken(no_error);
}

TEST_CASE("waiting: an export of a session completes without waiting")
{
    two_sides of;
    const bool of_server = of.at_home == &of.servers;
    of.here->async_export({}, of.tell());
    of.is_begun();
    of.is_woken(of_server ? no_error : make_error_code(errc::not_exportable));
}

TEST_CASE("waiting: a connect waits for its handshake")
{
    three_executors of;
    of.served->serve(of.handler);
    async_connect(of.clients.get_executor(), of.served->local_endpoints().front(), test::trusting(),
                  of.tell());
    of.waits(of.clients);
    SECTION("the handshake is finished") { of.is_woken(no_error); }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: an accept waits for an attempt or for the end of accepting")
{
    three_executors of;
    of.served->async_accept(of.tell());
    of.waits(of.servers);
    SECTION("an attempt arrives")
    {
        async_connect(of.clients.get_executor(), of.served->local_endpoints().front(), test::trusting(),
                      [](error_code, session) {});
        of.is_woken(no_error);
    }
    SECTION("handlers take over")
    {
        of.served->serve(of.handler);
        of.is_woken(errc::already_serving);
    }
    SECTION("the server stops")
    {
        of.served->stop();
        of.is_woken(errc::server_stopped);
    }
    SECTION("the server is destroyed")
    {
        of.served.reset();
        of.is_woken(errc::server_stopped);
    }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: an accept of an attempt waits for its handshake or its end")
{
    three_executors of;
    std::optional<attempt> offered;
    of.served->async_accept([&](error_code why, attempt given) {
        CHECK_FALSE(why);
        offered = std::move(given);
    });
    async_connect(of.clients.get_executor(), of.served->local_endpoints().front(), test::trusting(),
                  [&](error_code, session s) { of.client = std::move(s); });
    of.run_until([&] { return offered.has_value(); });
    SECTION("the attempt ended before")
    {
        of.served->stop();
        of.servers.restart();
        of.servers.poll();
        offered->async_accept(of.tell());
        of.is_begun();
        of.is_woken(errc::server_stopped);
        return;
    }
    offered->async_accept(of.tell());
    of.waits(of.servers);
    SECTION("the handshake is finished") { of.is_woken(no_error); }
    SECTION("the server stops")
    {
        of.served->stop();
        of.is_woken(errc::server_stopped);
    }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: an async_stop waits for the sessions or its deadline")
{
    three_executors of;
    of.connect();
    const bool short_wait = GENERATE(false, true);
    of.served->async_stop(short_wait ? 100ms : 60s, of.tell());
    of.is_begun();
    if (short_wait) return of.is_woken(no_error);
    of.waits(of.servers);
    SECTION("the sessions end")
    {
        of.handler->sessions.clear();
        of.is_woken(no_error);
    }
    SECTION("a later stop brings the deadline forward")
    {
        of.served->stop();
        of.is_woken(no_error);
    }
    SECTION("cancelled")
    {
        of.emit();
        of.is_woken(aborted);
    }
}

TEST_CASE("waiting: an export of all sessions waits for the file")
{
    three_executors of;
    of.connect();
    const bool stopped = GENERATE(false, true);
    if (stopped) of.served->stop();
    of.served->async_export_all(of.folder.file("state"), of.tell());
    of.is_begun();
    of.is_woken(stopped ? make_error_code(errc::server_stopped) : no_error);
}

TEST_CASE("waiting: an io_context that runs only handlers runs until they have completed")
{
    server served{test::loopback_config()};
    std::promise<session> given;
    served.serve([&](session s) -> asio::awaitable<void> {
        given.set_value(std::move(s));
        co_return;
    });
    asio::io_context clients, handlers;
    const auto peer = test::run_beside(clients, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(clients.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
    }());
    auto future = given.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    auto here = future.get();
    for (int i = 0; i < 100; ++i) {
        std::optional<error_code> told;
        here.async_send(asio::buffer("word", 4),
                        asio::bind_executor(handlers, [&](error_code why, std::size_t) { told = why; }));
        handlers.restart();
        handlers.run();
        REQUIRE(told == no_error);
    }
}
