#pragma once

#include "transport/segment_limits.hpp"
#include "transport/send_queue.hpp"
#include "transport/send_window.hpp"
#include "transport/system_calls.hpp"
#include "transport/udp_socket.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace quivive::transport {

struct flush_result {
    std::size_t sent = 0;
    std::size_t sent_bytes = 0;
    std::size_t failed = 0;        ///< datagrams dropped because of their own error
    std::size_t runs_refused = 0;  ///< buffers of several datagrams that had to be sent one by one
    bool would_block = false;      ///< the socket buffer is full; the rest stays queued
};

/// Queue of datagrams to send on one socket, many with one system call.
class send_batch {
public:
    /// `max_datagrams`: maximum number of queued datagrams. Memory is allocated as needed and reused.
    explicit send_batch(std::size_t max_datagrams, system_calls calls = {});
    send_batch(const send_batch&) = delete;
    send_batch& operator=(const send_batch&) = delete;

    /// Queues a copy of the datagram. Returns false and drops the datagram when the queue is full or out of
    /// memory.
    [[nodiscard]] bool push(const wire::path& to, wire::bytes datagram) noexcept
    {
        return size() < max_datagrams_ && queue_.push(to, datagram);
    }

    /// Sends until the queue is empty or the socket would block. Drops a datagram that cannot be sent, since
    /// it must not delay datagrams to other peers.
    [[nodiscard]] flush_result flush(udp_socket& socket) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return queue_.size() - window_.completed(); }

private:
    /// A refused buffer. If its datagrams can be sent one by one, the refusal was due to segmentation.
    struct refused_buffer {
        std::size_t segment = 0;
        bool by_device = false;
    };

    void send(std::span<mmsghdr> messages, udp_socket& socket, flush_result& result) noexcept;
    void note_sent(std::size_t n, udp_socket& socket, flush_result& result) noexcept;
    void note_failed(std::size_t n, int error, flush_result& result) noexcept;

    system_calls calls_;
    std::size_t max_datagrams_;
    send_window window_;
    send_queue queue_;
    segment_limits limits_;
    std::optional<refused_buffer> refused_buffer_;
};

}  // namespace quivive::transport
