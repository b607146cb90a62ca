#pragma once

#include "program/forward_service.hpp"
#include "quivive/config_file.hpp"
#include "quivive/session.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace quivive::program {

/// Forwards messages between a client's session and its own socket to the back end. Runs on the session's
/// executor.
///
/// `run` forwards messages to the back end; the link ends when it returns. The handlers of the socket and the
/// timer keep the link alive only until they are cancelled. A coroutine for the opposite direction runs only
/// while messages from the back end are waiting. An idle link therefore consists of one coroutine, a handler
/// that waits for the socket, and a timer.
class forward_link : public std::enable_shared_from_this<forward_link> {
public:
    forward_link(quivive::session session, std::shared_ptr<forward_service> service,
                 std::chrono::milliseconds idle_timeout);

    /// Forwards messages in both directions until the session ends. Ends the session when no socket can be
    /// opened.
    static boost::asio::awaitable<void> run(std::shared_ptr<forward_link> self,
                                            boost::asio::ip::udp::endpoint backend);

private:
    using clock = std::chrono::steady_clock;
    class closing_guard;

    [[nodiscard]] bool open(const boost::asio::ip::udp::endpoint& backend);
    void close();

    boost::asio::awaitable<void> send_to_backend(boost::asio::const_buffer message);
    void await_backend();
    static boost::asio::awaitable<void> return_what_waits(std::shared_ptr<forward_link> self);
    [[nodiscard]] std::optional<boost::asio::const_buffer> next_from_backend(forward_buffers::buffer& into);
    boost::asio::awaitable<bool> send_to_client(boost::asio::const_buffer message);

    void watch_for_idleness();
    void note_failure(error_code why);
    void log_too_large();

    quivive::session session_;
    std::shared_ptr<forward_service> service_;
    boost::asio::ip::udp::socket backend_;
    boost::asio::steady_timer idle_timer_;
    std::chrono::milliseconds idle_timeout_;
    clock::time_point last_message_ = clock::now();
};

}  // namespace quivive::program
