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

/// Catches SIGINT, SIGTERM and SIGHUP for as long as it lives. To be made before there are other threads, so
/// that only `serve` ever takes a SIGHUP: before and after, and in all other threads, it is blocked. In the
/// end only the exit status is left, which a SIGHUP must not change, and threads of Asio's own, on which
/// servers with their own threads complete.
class server_signals {
public:
    server_signals();
    server_signals(const server_signals&) = delete;
    server_signals& operator=(const server_signals&) = delete;

    /// Calls `reload` at each SIGHUP, and has memory that is free given back now and then. SIGINT or SIGTERM
    /// stops the servers, which own their threads: those with a folder leave their sessions there; the others
    /// have a second to end by themselves; another such signal ends them at once. Returns when all have
    /// ended.
    void serve(std::vector<served> servers, const std::function<void()>& reload, const log_sink& log);

private:
    boost::asio::awaitable<void> heed_hangups(const std::function<void()>& reload);
    boost::asio::awaitable<void> trim_memory(const std::vector<served>& servers);
    boost::asio::awaitable<void> wait(std::vector<served>& servers, const log_sink& log);
    boost::asio::awaitable<void> stop(std::vector<served>& servers);

    boost::asio::io_context io_{1};
    // Two sets, since one gives the lowest number first: a storm of SIGHUPs would keep SIGTERM waiting.
    boost::asio::signal_set ends_{io_, SIGINT, SIGTERM};
    boost::asio::signal_set hangups_{io_, SIGHUP};
    boost::asio::steady_timer trims_{io_};
    bool ending_ = false;
};

}  // namespace quivive::program
