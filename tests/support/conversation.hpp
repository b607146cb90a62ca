#pragma once

#include "quivive/client.hpp"
#include "support/catch.hpp"
#include "support/echo_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <string>

namespace quivive::test {

/// Returns (error, result) instead of throwing.
// No co_await inside CHECK: GCC 12 evaluates it twice there, in an unevaluated operand.
inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Returns the configuration of a client that accepts any certificate.
inline client_config trusting()
{
    client_config config;
    config.credentials.insecure = true;
    return config;
}

/// Ends the run at once on failure: other coroutines on `io` may wait for an event that no longer comes.
template <typename T>
boost::asio::awaitable<T> stop_on_failure(boost::asio::io_context& io, boost::asio::awaitable<T> what)
{
    try {
        co_return co_await std::move(what);
    } catch (...) {
        io.stop();
        throw;
    }
}

/// Runs a coroutine to its end on `io` and returns its result.
template <typename T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> what)
{
    auto result = boost::asio::co_spawn(io, stop_on_failure(io, std::move(what)), boost::asio::use_future);
    io.restart();
    io.run_for(std::chrono::seconds{20});
    if (io.stopped()) {
        io.restart();
        io.poll();  // the result of a coroutine that has failed
    }
    REQUIRE(result.wait_for(std::chrono::seconds{0}) == std::future_status::ready);
    return result.get();
}

/// Runs the work of `io` until `done` holds, for 20 seconds at most.
template <typename Done>
void run_until(boost::asio::io_context& io, Done done)
{
    io.restart();
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20}; !done();) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        io.run_one_for(std::chrono::milliseconds{20});
    }
}

/// Runs a coroutine to its end and returns its result, though other work on `io`, such as a server, would
/// continue.
template <typename T>
T run_beside(boost::asio::io_context& io, boost::asio::awaitable<T> what)
{
    auto result = boost::asio::co_spawn(io, std::move(what), boost::asio::use_future);
    run_until(io, [&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    return result.get();
}

/// Sends a message and returns the response.
inline boost::asio::awaitable<std::string> say(session& to, std::string message)
{
    co_await to.async_send(boost::asio::buffer(message), boost::asio::use_awaitable);
    const auto answer = co_await to.async_receive(boost::asio::use_awaitable);
    co_return std::string{static_cast<const char*>(answer.data()), answer.size()};
}

}  // namespace quivive::test
