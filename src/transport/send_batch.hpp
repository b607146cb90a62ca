#pragma once

#include "transport/control_message.hpp"
#include "transport/send_queue.hpp"
#include "transport/sockaddr.hpp"
#include "transport/system_calls.hpp"
#include "transport/udp_socket.hpp"

#include <cstddef>
#include <vector>

namespace quivive::transport {

struct flush_result {
    std::size_t sent = 0;
    std::size_t sent_bytes = 0;
    std::size_t failed = 0;    ///< given up, each for an error of its own
    bool would_block = false;  ///< the kernel takes no more now; the rest is kept
};

/// Datagrams that wait for one socket, sent many with one system call.
class send_batch {
public:
    /// At most so many wait; memory is taken as they come, and used again.
    explicit send_batch(std::size_t max_datagrams, system_calls calls = {});
    send_batch(const send_batch&) = delete;
    send_batch& operator=(const send_batch&) = delete;

    /// Copies the datagram. False: full, or no memory; it is dropped.
    [[nodiscard]] bool push(const wire::path& to, wire::bytes datagram) noexcept
    {
        return queue_.push(to, datagram);
    }

    /// Sends until nothing is left or the kernel takes no more. A datagram that cannot be sent is dropped: it
    /// must not hold up those to other peers.
    [[nodiscard]] flush_result flush(udp_socket& socket) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return queue_.size(); }

private:
    struct slot {
        iovec data;
        socket_address peer;
        control_buffer control;
    };

    [[nodiscard]] std::size_t lay_out(const udp_socket& socket) noexcept;
    void lay_out(std::size_t n, const udp_socket& socket) noexcept;
    void send(std::size_t count, const udp_socket& socket, flush_result& result) noexcept;

    system_calls calls_;
    send_queue queue_;
    std::vector<slot> slots_;  ///< what the headers refer to
    std::vector<mmsghdr> headers_;
};

}  // namespace quivive::transport
