#pragma once

#include "program/handover.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <vector>

namespace quivive::program {

/// Catches SIGINT, SIGTERM and SIGHUP for as long as it lives. After it, SIGHUP stays blocked in the thread
/// that ends it: what is left of the process is its exit status, which a SIGHUP must not change.
class server_signals {
public:
    server_signals();
    ~server_signals();

    /// Calls `reload` at each SIGHUP. SIGINT or SIGTERM stops the servers, which own their threads: those
    /// with a folder leave their sessions there; the others have a second to end by themselves; another such
    /// signal ends them at once. Returns when all have ended.
    void serve(std::vector<served> servers, const std::function<void()>& reload, const log_sink& log);

private:
    boost::asio::awaitable<void> wait(std::vector<served>& servers, const std::function<void()>& reload,
                                      const log_sink& log);
    boost::asio::awaitable<void> stop(std::vector<served>& servers);

    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
};

}  // namespace quivive::program
