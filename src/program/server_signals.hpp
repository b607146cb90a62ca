#pragma once

#include "quivive/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <vector>

namespace quivive::program {

/// Catches SIGINT, SIGTERM and SIGHUP for as long as it lives.
class server_signals {
public:
    server_signals();

    /// Calls `reload` at each SIGHUP. SIGINT or SIGTERM stops the servers, which own their threads: sessions
    /// have a second to end by themselves; another such signal ends them at once. Returns when all have
    /// ended.
    void serve(std::vector<server*> servers, const std::function<void()>& reload);

private:
    boost::asio::awaitable<void> wait(std::vector<server*>& servers, const std::function<void()>& reload);
    boost::asio::awaitable<void> stop(std::vector<server*>& servers);

    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
};

}  // namespace quivive::program
