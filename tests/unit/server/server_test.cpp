#include "quivive/server.hpp"

#include "quivive/client.hpp"
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/raw_udp.hpp"
#include "support/stepwise_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

client_config trusting()
{
    client_config config;
    config.credentials.insecure = true;
    return config;
}

/// Runs a coroutine to its end on an io_context of its own, and gives its result.
template <typename T>
T run(asio::io_context& io, asio::awaitable<T> what)
{
    auto result = asio::co_spawn(io, std::move(what), asio::use_future);
    io.restart();
    io.run_for(20s);
    REQUIRE(result.wait_for(0s) == std::future_status::ready);
    return result.get();
}

asio::awaitable<std::string> say(session& to, std::string message)
{
    co_await to.async_send(asio::buffer(message), asio::use_awaitable);
    const auto answer = co_await to.async_receive(asio::use_awaitable);
    co_return std::string{static_cast<const char*>(answer.data()), answer.size()};
}

}  // namespace

TEST_CASE("server: on the user's executor, a client's messages come back")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    const auto answer = run(io, [&]() -> asio::awaitable<std::string> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                         asio::use_awaitable);
        auto first = co_await say(to, "hello");
        co_await to.async_close(asio::use_awaitable);
        served.stop();
        co_return first;
    }());
    CHECK(answer == "hello");
    CHECK(served.metrics().balanced());
    CHECK(served.metrics().associations == 0);
    CHECK(served.metrics().answered == 1);
    CHECK(served.metrics().cookies_proven == 1);
}

TEST_CASE("server: with threads of its own")
{
    auto config = test::loopback_config();
    config.threads = GENERATE(std::size_t{1}, std::size_t{3});
    server served{config};
    served.serve(test::echo);
    asio::io_context io;
    for (int i = 0; i < 8; ++i) {
        const auto answer = run(io, [&]() -> asio::awaitable<std::string> {
            auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                             asio::use_awaitable);
            co_return co_await say(to, std::to_string(i));
        }());
        CHECK(answer == std::to_string(i));
    }
    CHECK(test::eventually([&] { return served.metrics().associations == 0; }));
    served.stop();
    served.join();
    CHECK(served.metrics().balanced());
}

TEST_CASE("server: a subclass of session_handler admits, runs, and is told the end")
{
    struct handler final : session_handler {
        std::atomic<int> admitted{0}, ended{0};
        std::promise<error_code> why;
        admission admit(const client_hello& hello) override
        {
            ++admitted;
            CHECK(hello.cookie_proven);
            CHECK(hello.offers("echo/1"));
            CHECK_FALSE(hello.offers("echo/2"));
            return admission::by_policy;
        }
        asio::awaitable<void> run(session session) override { co_await test::echo(std::move(session)); }
        void closed(const session_info& info, error_code end) noexcept override
        {
            CHECK(info.alpn == "echo/1");
            if (++ended == 1) why.set_value(end);
        }
    };
    auto config = test::loopback_config();
    config.alpn = {"echo/1"};
    server served{config};
    const auto given = std::make_shared<handler>();
    served.serve(given);
    asio::io_context io;
    auto client = trusting();
    client.alpn = {"echo/1"};
    const auto info = run(io, [&]() -> asio::awaitable<session_info> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                         asio::use_awaitable);
        const auto heard = co_await say(to, "x");
        CHECK(heard == "x");
        co_await to.async_close(asio::use_awaitable);
        co_return to.info();
    }());
    CHECK(info.protocol == "DTLS1.2");
    CHECK(info.alpn == "echo/1");
    CHECK(info.peer_pin == served.pin());
    auto why = given->why.get_future();
    REQUIRE(why.wait_for(10s) == std::future_status::ready);
    CHECK(why.get() == asio::error::eof);
    CHECK(given->admitted == 1);
}

TEST_CASE("server: admit() may drop: no answer, counted under its name")
{
    struct refusing final : session_handler {
        admission admit(const client_hello&) override { return admission::drop; }
        asio::awaitable<void> run(session) override { co_return; }
    };
    server served{test::loopback_config()};
    served.serve(std::make_shared<refusing>());
    asio::io_context io;
    auto client = trusting();
    client.limits.handshake_timeout = 300ms;
    const auto error = run(io, [&]() -> asio::awaitable<error_code> {
        auto [why, none] =
            co_await async_connect(io.get_executor(), served.local_endpoints().front(), client, token);
        co_return why;
    }());
    CHECK(error == errc::handshake_timeout);
    CHECK(served.metrics().dropped[drop_reason::refused_by_policy] >= 1);
    CHECK(served.metrics().handshakes_started == 0);
}

TEST_CASE("server: a handler that throws closes its own session only")
{
    server served{test::loopback_config()};
    served.serve([](session session) -> asio::awaitable<void> {
        const auto message = co_await session.async_receive(asio::use_awaitable);
        if (std::string_view{static_cast<const char*>(message.data()), message.size()} == "throw")
            throw std::runtime_error{"as asked"};
        co_await session.async_send(message, asio::use_awaitable);
        co_await test::echo(std::move(session));
    });
    asio::io_context io;
    run(io, [&]() -> asio::awaitable<int> {
        auto connect = [&] {
            return async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                 asio::use_awaitable);
        };
        auto good = co_await connect();
        auto bad = co_await connect();
        const auto heard_2 = co_await say(good, "one");
        CHECK(heard_2 == "one");
        co_await bad.async_send(asio::buffer("throw", 5), asio::use_awaitable);
        const auto [end, nothing] = co_await bad.async_receive(token);
        CHECK(end == asio::error::eof);
        const auto heard_3 = co_await say(good, "two");
        CHECK(heard_3 == "two");
        co_return 0;
    }());
    CHECK(served.metrics().handler_exceptions == 1);
}

TEST_CASE("server: an accept loop gets attempts on which nothing was spent")
{
    server served{test::loopback_config()};
    asio::io_context io;
    const auto result = run(io, [&]() -> asio::awaitable<std::string> {
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                auto attempt = co_await served.async_accept(asio::use_awaitable);
                CHECK(attempt.cookie_proven());
                CHECK(served.metrics().handshakes_started == 0);
                auto session = co_await attempt.async_accept(asio::use_awaitable);
                co_await test::echo(std::move(session));
            },
            asio::detached);
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                         asio::use_awaitable);
        co_return co_await say(to, "accepted");
    }());
    CHECK(result == "accepted");
}

TEST_CASE("server: an attempt is refused with an alert, or ignored, or refuses itself")
{
    server served{test::loopback_config()};
    asio::io_context io;
    const int way = GENERATE(0, 1, 2);
    CAPTURE(way);
    auto client = trusting();
    client.limits.handshake_timeout = 400ms;
    client.limits.alerted_handshake_grace = 50ms;
    const auto error = run(io, [&]() -> asio::awaitable<error_code> {
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                auto attempt = co_await served.async_accept(asio::use_awaitable);
                if (way == 0) attempt.refuse();
                if (way == 1) attempt.ignore();
            },
            asio::detached);
        auto [why, none] =
            co_await async_connect(io.get_executor(), served.local_endpoints().front(), client, token);
        co_return why;
    }());
    CHECK(error == errc::handshake_timeout);  // a plaintext alert proves nothing, it only shortens the wait
    CHECK(served.metrics().handshakes_started == 0);
    CHECK(served.metrics().sent == (way == 1 ? 1U : 2U));  // the challenge, and perhaps an alert
}

TEST_CASE("server: async_accept ends when handlers take over, when the server stops, when it is cancelled")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    asio::cancellation_signal cancel;
    std::optional<error_code> first, second;
    served.async_accept(
        asio::bind_cancellation_slot(cancel.slot(), [&](error_code why, attempt) { first = why; }));
    served.async_accept([&](error_code why, attempt) { second = why; });
    cancel.emit(asio::cancellation_type::total);
    SECTION("serve")
    {
        served.serve(test::echo);
        served.async_accept([&](error_code why, attempt) { CHECK(why == errc::already_serving); });
        io.run_for(200ms);
        CHECK(second == make_error_code(errc::already_serving));
    }
    SECTION("stop")
    {
        served.stop();
        io.run_for(10s);
        CHECK(second == make_error_code(errc::server_stopped));
    }
    CHECK(first == error_code{asio::error::operation_aborted});
    served.stop();
    io.run_for(10s);
}

TEST_CASE("server: stop lets handlers finish until the deadline, and refuses newcomers")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    run(io, [&]() -> asio::awaitable<int> {
        const auto at = served.local_endpoints().front();
        auto to = co_await async_connect(io.get_executor(), at, trusting(), asio::use_awaitable);
        const auto heard_4 = co_await say(to, "before");
        CHECK(heard_4 == "before");
        auto stopped = asio::co_spawn(io, served.async_stop(400ms, asio::use_awaitable), asio::use_future);
        const auto heard_5 = co_await say(to, "after");
        CHECK(heard_5 == "after");
        auto late = trusting();
        late.limits.handshake_timeout = 150ms;
        auto [why, none] = co_await async_connect(io.get_executor(), at, late, token);
        CHECK(why == errc::handshake_timeout);
        const auto [end, nothing] = co_await to.async_receive(token);
        CHECK(end == asio::error::eof);  // the deadline: the server's close_notify
        co_return 0;
    }());
    CHECK(served.metrics().dropped[drop_reason::stopping] >= 1);
    CHECK(served.metrics().associations == 0);
}

TEST_CASE("server: a bad configuration is refused with all its problems")
{
    server_config config;
    config.mtu = 10;
    config.cookies.rotate_every = 0ms;
    try {
        server served{config};
        FAIL("not refused");
    } catch (const config_error& error) {
        CHECK(error.problems().size() == 3);
        CHECK(std::string{error.what()}.find("listen") != std::string::npos);
        CHECK(std::string{error.what()}.find("mtu") != std::string::npos);
        CHECK(std::string{error.what()}.find("rotate_every") != std::string::npos);
    }
}

TEST_CASE("server: an address in use is told by name")
{
    server first{test::loopback_config()};
    auto config = test::loopback_config();
    config.listen = first.local_endpoints();
    try {
        server second{config};
        FAIL("bound twice");
    } catch (const boost::system::system_error& error) {
        CHECK(error.code() == boost::system::errc::address_in_use);
        CHECK(std::string{error.what()}.find("127.0.0.1:") != std::string::npos);
    }
}

TEST_CASE("server: the same client from the same port again replaces its session (RFC 6347 4.2.8)")
{
    server served{test::loopback_config()};
    std::promise<error_code> ended;
    struct handler final : session_handler {
        std::promise<error_code>& ended;
        bool told = false;
        explicit handler(std::promise<error_code>& p) : ended{p} {}
        asio::awaitable<void> run(session session) override { co_await test::echo(std::move(session)); }
        void closed(const session_info&, error_code why) noexcept override
        {
            if (!std::exchange(told, true)) ended.set_value(why);
        }
    };
    served.serve(std::make_shared<handler>(ended));
    test::stepwise_client client{served.local_endpoints().front()};
    REQUIRE(client.connect());
    CHECK(client.echo("first life") == "first life");
    REQUIRE(client.connect());
    CHECK(client.echo("second life") == "second life");
    auto why = ended.get_future();
    REQUIRE(why.wait_for(10s) == std::future_status::ready);
    CHECK(why.get() == errc::replaced);
    CHECK(served.metrics().sessions == 1);
    CHECK(served.metrics().sessions_replaced == 1);
}
