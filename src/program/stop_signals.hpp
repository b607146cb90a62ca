#pragma once

#include "quivive/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace quivive::program {

/// Catches SIGINT and SIGTERM for as long as it lives.
class stop_signals {
public:
    stop_signals();

    /// Waits for a signal, stops `server`, which owns its threads, and returns when it has ended. Sessions
    /// have a second to end by themselves; a second signal ends them at once.
    void drain(server& server);

private:
    boost::asio::awaitable<void> wait_and_stop(server& server);

    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
};

}  // namespace quivive::program
