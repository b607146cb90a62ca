// Cancellation of operations.
#include "support/conversation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <optional>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::run_beside;
using test::run_until;

TEST_CASE("cancelled: a connect is aborted and leaves no timer or socket")
{
    asio::io_context io;
    asio::ip::udp::socket silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
    asio::cancellation_signal cancel;
    std::optional<error_code> result;
    async_connect(io.get_executor(), silent.local_endpoint(), test::trusting(),
                  asio::bind_cancellation_slot(cancel.slot(), [&](error_code why, session s) {
                      result = why;
                      CHECK_FALSE(s.is_open());
                  }));
    const bool at_once = GENERATE(true, false);
    if (!at_once) run_until(io, [&] { return silent.available() > 0; });
    CHECK_FALSE(result);
    cancel.emit(asio::cancellation_type::total);
    run_until(io, [&] { return result.has_value(); });
    CHECK(*result == asio::error::operation_aborted);
    io.run_for(20s);
    CHECK(io.stopped());  // no timer and no socket keeps the context running
}

TEST_CASE("cancelled: a cancelled async_stop completes, and the server still stops")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    session held;
    async_connect(io.get_executor(), served.local_endpoints().front(), test::trusting(),
                  [&](error_code why, session s) {
                      CHECK_FALSE(why);
                      held = std::move(s);
                  });
    run_until(io, [&] { return held.is_open() && served.metrics().sessions == 1; });

    asio::cancellation_signal cancel;
    std::optional<error_code> first, second;
    served.async_stop(300ms,
                      asio::bind_cancellation_slot(cancel.slot(), [&](error_code why) { first = why; }));
    served.async_stop(300ms, [&](error_code why) { second = why; });
    io.poll();
    CHECK_FALSE(first);
    cancel.emit(asio::cancellation_type::total);
    run_until(io, [&] { return first.has_value(); });
    CHECK(*first == asio::error::operation_aborted);
    CHECK_FALSE(second);
    CHECK(served.metrics().sessions == 1);
    run_until(io, [&] { return second.has_value(); });
    CHECK_FALSE(*second);
    CHECK(served.metrics().associations == 0);

    std::optional<error_code> late;
    served.async_stop(0ms, [&](error_code why) { late = why; });  // after the server has stopped
    run_until(io, [&] { return late.has_value(); });
    CHECK_FALSE(*late);
}

TEST_CASE("cancelled: an operation started on another thread can be cancelled at once")
{
    asio::io_context io;                     // outlives the server, which completes operations on it
    server served{test::loopback_config()};  // on a thread of its own, not on this one
    std::promise<session> promise;
    served.serve([&](session s) -> asio::awaitable<void> {
        promise.set_value(std::move(s));
        co_return;
    });
    auto peer = run_beside(io, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
    }());
    auto future = promise.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    auto here = future.get();

    for (int round = 0; round < 100; ++round) {
        asio::cancellation_signal cancel;
        std::optional<error_code> result;
        const auto tell = [&](error_code why, auto&&...) { result = why; };
        here.async_receive(asio::bind_executor(io, asio::bind_cancellation_slot(cancel.slot(), tell)));
        cancel.emit(asio::cancellation_type::total);
        run_until(io, [&] { return result.has_value(); });
        CHECK(*result == asio::error::operation_aborted);
    }
    peer = {};
}
