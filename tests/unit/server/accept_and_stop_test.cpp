#include "quivive/server.hpp"

#include "support/conversation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include <optional>

using namespace quivive;
using namespace std::chrono_literals;
using test::run;
using test::say;
using test::trusting;
namespace asio = boost::asio;

TEST_CASE("server: a handler that throws closes only its own session")
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
        const auto [end, nothing] = co_await bad.async_receive(test::as_values);
        CHECK(end == asio::error::eof);
        const auto heard_3 = co_await say(good, "two");
        CHECK(heard_3 == "two");
        co_return 0;
    }());
    CHECK(served.metrics().handler_exceptions == 1);
}

TEST_CASE("server: an accept loop receives attempts before any handshake work is done")
{
    asio::io_context io;
    server served{test::loopback_config()};
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

TEST_CASE("server: an attempt can be refused with an alert, ignored, or refused by its destructor")
{
    asio::io_context io;
    server served{test::loopback_config()};
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
        auto [why, none] = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                                  test::as_values);
        co_return why;
    }());
    CHECK(error == errc::handshake_timeout);  // a plaintext alert may be forged: it only shortens the wait
    CHECK(served.metrics().handshakes_started == 0);
    CHECK(served.metrics().sent == (way == 1 ? 1U : 2U));  // the challenge, and an alert unless ignored
}

TEST_CASE("server: async_accept ends on serve, on stop and on cancellation")
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

TEST_CASE("server: stop lets handlers run until the deadline and refuses new clients")
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
        auto [why, none] = co_await async_connect(io.get_executor(), at, late, test::as_values);
        CHECK(why == errc::handshake_timeout);
        const auto [end, nothing] = co_await to.async_receive(test::as_values);
        CHECK(end == asio::error::eof);  // at the deadline the server sends close_notify
        co_return 0;
    }());
    CHECK(served.metrics().dropped[drop_reason::stopping] >= 1);
    CHECK(served.metrics().associations == 0);
}
