#pragma once

#include "observe/counters.hpp"
#include "quivive/error.hpp"
#include "server/home.hpp"
#include "server/send_line.hpp"
#include "server/wait_memory.hpp"
#include "transport/receive_batch.hpp"
#include "transport/send_batch.hpp"
#include "transport/udp_socket.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <span>
#include <utility>

namespace quivive::detail {

/// One UDP socket of a shard or client: tells when it can be read, and sends what is queued for it in
/// batches. Only inside its home. What waits must keep the port alive.
class port {
public:
    port(const home& where, transport::udp_socket socket, std::size_t queue_limit,
         observe::counters& counters);
    ~port();
    port(const port&) = delete;
    port& operator=(const port&) = delete;

    [[nodiscard]] transport::udp_socket& socket() noexcept { return socket_; }

    /// Calls `readable(error_code)` once.
    template <typename Readable>
    void wait_readable(Readable readable)
    {
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               boost::asio::bind_allocator(wait_memory_.allocator(), std::move(readable)));
    }

    /// What waits at the socket, in the slots of `into`.
    [[nodiscard]] std::span<const transport::received_datagram> receive(
        transport::receive_batch& into) noexcept;

    /// Queues a datagram. A full queue is flushed; what the kernel leaves no room for is dropped and counted.
    void push(const wire::path& to, wire::bytes datagram) noexcept;

    /// Whether a session may send. Else its send has to wait in the line: for the kernel, or behind others.
    [[nodiscard]] bool takes_sends() noexcept { return line_.empty() && make_room(); }
    [[nodiscard]] send_line& line() noexcept { return line_; }
    /// Takes the session whose turn it is out of the line; null when none waits, or there is no room.
    [[nodiscard]] session_core* next_sender() noexcept
    {
        return !line_.empty() && make_room() ? &line_.next() : nullptr;
    }
    /// Whether the line moves on in a turn that comes next, without waiting for the kernel.
    [[nodiscard]] bool line_moves() const noexcept { return !line_.empty() && has_room(); }

    /// Sends what is queued. False: the kernel takes no more now, and somebody should `wait_writable`.
    bool flush() noexcept;

    /// Calls `writable(error_code)` once; nothing happens when such a wait is under way.
    template <typename Writable>
    void wait_writable(Writable writable)
    {
        if (std::exchange(waiting_to_write_, true)) return;
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                               [this, w = std::move(writable)](error_code error) mutable {
                                   waiting_to_write_ = false;
                                   w(error);
                               });
    }

    /// Ends all waits.
    void close() noexcept;

private:
    /// For sessions: flights and alerts have the last quarter to themselves.
    [[nodiscard]] bool has_room() const noexcept { return queue_.size() < queue_limit_ - queue_limit_ / 4; }
    [[nodiscard]] bool make_room() noexcept { return has_room() || (flush(), has_room()); }

    transport::udp_socket socket_;
    detail::wait_memory wait_memory_;
    boost::asio::posix::stream_descriptor descriptor_;
    transport::send_batch queue_;
    std::size_t queue_limit_;
    send_line line_;
    observe::counters& counters_;
    bool waiting_to_write_ = false;
};

}  // namespace quivive::detail
