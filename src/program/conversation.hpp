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

/// A client's talk with its server: each line of stdin is sent as a message, each message received is printed
/// as a line. After stdin's end it waits for as many answers as were messages, or until none came for two
/// seconds; then it says goodbye. SIGINT and SIGTERM end stdin, and the waiting. All on one thread.
class conversation {
public:
    conversation(const boost::asio::any_io_executor& executor, session session);

    /// The exit code: success when all of stdin was sent and the session did not end before that.
    boost::asio::awaitable<int> hold();

private:
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> wait_for_answers();
    boost::asio::awaitable<void> talk();
    boost::asio::awaitable<void> print_answers();
    bool print(boost::asio::const_buffer message);
    void finish();
    void fail(std::string_view what);

    session session_;
    line_reader input_;
    boost::asio::posix::stream_descriptor output_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer quiet_;

    std::size_t sent_ = 0;
    std::size_t answers_ = 0;
    bool input_ended_ = false;
    bool finished_ = false;  // no reason to wait any longer
    bool failed_ = false;
};

}  // namespace quivive::program
