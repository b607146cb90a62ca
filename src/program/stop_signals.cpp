#include "program/stop_signals.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>

namespace quivive::program {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds drain_deadline{1};

}  // namespace

stop_signals::stop_signals() : signals_{io_, SIGINT, SIGTERM} {}

void stop_signals::drain(server& server)
{
    asio::co_spawn(io_, wait_and_stop(server), asio::detached);
    io_.run();
    server.join();
}

asio::awaitable<void> stop_signals::wait_and_stop(server& server)
{
    using namespace asio::experimental::awaitable_operators;
    co_await signals_.async_wait(asio::use_awaitable);
    const auto first = co_await (server.async_stop(drain_deadline, asio::use_awaitable) ||
                                 signals_.async_wait(asio::use_awaitable));
    if (first.index() == 1) server.stop();
}

}  // namespace quivive::program
