#pragma once

#include "program/handover.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <functional>
#include <vector>

namespace quivive::program {

/// Catches SIGINT, SIGTERM and SIGHUP during its lifetime. Must be created before other threads, so that only
/// `serve` receives SIGHUP: it is blocked in all other threads, and before and after `serve`. After `serve` a
/// SIGHUP must not change the exit status. At that time internal threads of Asio, on which servers with their
/// own threads complete, may still exist.
class server_signals {
public:
    server_signals();
    server_signals(const server_signals&) = delete;
    server_signals& operator=(const server_signals&) = delete;

    /// Calls `reload` at each SIGHUP, and returns free memory to the system periodically. SIGINT or SIGTERM
    /// stops the servers, which own their threads. Servers with a folder export their sessions to it; other
    /// sessions have one second to end by themselves. A second such signal ends them at once. Returns when
    /// all servers have stopped.
    void serve(std::vector<served> servers, const std::function<void()>& reload, const log_sink& log);

private:
    boost::asio::awaitable<void> reload_on_hangup(const std::function<void()>& reload);
    boost::asio::awaitable<void> trim_memory(const std::vector<served>& servers);
    boost::asio::awaitable<void> wait(std::vector<served>& servers, const log_sink& log);
    boost::asio::awaitable<void> stop(std::vector<served>& servers);

    boost::asio::io_context io_{1};
    // Two sets, because a set delivers the lowest signal number first: a storm of SIGHUPs would delay
    // SIGTERM.
    boost::asio::signal_set ends_{io_, SIGINT, SIGTERM};
    boost::asio::signal_set hangups_{io_, SIGHUP};
    boost::asio::steady_timer trims_{io_};
    bool ending_ = false;
};

}  // namespace quivive::program
