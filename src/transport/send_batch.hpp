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
    std::size_t failed = 0;        ///< given up, each for an error of its own
    std::size_t runs_refused = 0;  ///< buffers of many datagrams that were sent again one by one
    bool would_block = false;      ///< the kernel takes no more now; the rest is kept
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
        return size() < max_datagrams_ && queue_.push(to, datagram);
    }

    /// Sends until nothing is left or the kernel takes no more. A datagram that cannot be sent is dropped: it
    /// must not hold up those to other peers.
    [[nodiscard]] flush_result flush(udp_socket& socket) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return queue_.size() - window_.settled(); }

private:
    /// A buffer was refused, perhaps for being one: its datagrams will tell.
    struct doubt {
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
    std::optional<doubt> doubt_;
};

}  // namespace quivive::transport
