#pragma once

#include "observe/counters.hpp"
#include "quivive/error.hpp"
#include "server/send_wait_queue.hpp"
#include "server/shard_executor.hpp"
#include "server/wait_memory.hpp"
#include "transport/receive_batch.hpp"
#include "transport/send_batch.hpp"
#include "transport/udp_socket.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <span>
#include <utility>

namespace quivive::runtime {

/// One UDP socket of a shard or client. Reports when the socket is readable and sends queued datagrams in
/// batches. Use only on the shard's executor. Handlers passed to it must keep the port alive.
class udp_port_io {
public:
    udp_port_io(const shard_executor& executor, transport::udp_socket socket, std::size_t queue_limit,
                observe::counters& counters);
    ~udp_port_io();
    udp_port_io(const udp_port_io&) = delete;
    udp_port_io& operator=(const udp_port_io&) = delete;

    [[nodiscard]] transport::udp_socket& socket() noexcept { return socket_; }

    /// Calls `readable(error_code)` once.
    template <typename Readable>
    void wait_readable(Readable readable)
    {
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               boost::asio::bind_allocator(wait_memory_.allocator(), std::move(readable)));
    }

    /// Receives the datagrams available on the socket. They stay valid in the slots of `into`.
    [[nodiscard]] std::span<const transport::received_datagram> receive(
        transport::receive_batch& into) noexcept;

    /// Queues a datagram. Flushes a full queue first. Drops and counts the datagram when the queue is still
    /// full.
    void push(const wire::path& to, wire::bytes datagram) noexcept;

    /// Returns whether a session may send. Otherwise its send must wait in `send_queue()`, for the kernel or
    /// behind other sends.
    [[nodiscard]] bool can_send() noexcept { return send_queue_.empty() && ensure_capacity(); }
    [[nodiscard]] send_wait_queue& send_queue() noexcept { return send_queue_; }
    /// Removes the first session from `send_queue()`. Returns null when none waits or the datagram queue is
    /// full.
    [[nodiscard]] session_core* next_sender() noexcept
    {
        return !send_queue_.empty() && ensure_capacity() ? &send_queue_.pop() : nullptr;
    }
    /// Returns whether waiting sends can continue in the next turn without waiting for the kernel.
    [[nodiscard]] bool can_send_queued() const noexcept { return !send_queue_.empty() && has_capacity(); }

    /// Sends the queued datagrams. Returns false when the kernel accepts no more now; `wait_writable` should
    /// follow.
    bool flush() noexcept;

    /// Calls `writable(error_code)` once. Does nothing while such a wait is in progress.
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

    /// Cancels all waits.
    void close() noexcept;

private:
    /// Returns whether the queue has capacity for sessions. The last quarter is reserved for flights and
    /// alerts.
    [[nodiscard]] bool has_capacity() const noexcept
    {
        return queue_.size() < queue_limit_ - queue_limit_ / 4;
    }
    [[nodiscard]] bool ensure_capacity() noexcept { return has_capacity() || (flush(), has_capacity()); }

    transport::udp_socket socket_;
    runtime::wait_memory wait_memory_;
    boost::asio::posix::stream_descriptor descriptor_;
    transport::send_batch queue_;
    std::size_t queue_limit_;
    send_wait_queue send_queue_;
    observe::counters& counters_;
    bool waiting_to_write_ = false;
};

}  // namespace quivive::runtime
