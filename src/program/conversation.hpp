#pragma once

#include "program/line_reader.hpp"
#include "quivive/session.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <string_view>

namespace quivive::program {

/// A client's exchange with its server. Sends each line of stdin as a message and prints each received
/// message as a line. After the end of stdin it waits until it has received as many messages as it sent, or
/// no message for two seconds; then it closes the session. SIGINT and SIGTERM end both stdin and this wait.
/// Runs on one thread.
class conversation {
public:
    conversation(const boost::asio::any_io_executor& executor, session session);

    /// Runs the exchange. Returns success if all of stdin was sent and the session did not end before that.
    boost::asio::awaitable<int> keep_open();

private:
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> wait_for_answers();
    boost::asio::awaitable<void> talk();
    boost::asio::awaitable<void> print_answers();
    bool print(boost::asio::const_buffer message);
    void close();
    void fail(std::string_view what);

    session session_;
    line_reader input_;
    boost::asio::posix::stream_descriptor output_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer quiet_;

    std::size_t sent_ = 0;
    std::size_t answers_ = 0;
    bool input_ended_ = false;
    bool finished_ = false;  // do not wait any longer
    bool failed_ = false;
};

}  // namespace quivive::program
