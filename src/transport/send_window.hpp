#pragma once

#include "transport/control_message.hpp"
#include "transport/segment_limits.hpp"
#include "transport/send_queue.hpp"
#include "transport/sockaddr.hpp"
#include "transport/udp_socket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace quivive::transport {

/// The front of a send queue as one call takes it. Datagrams of one size from one of our addresses to one
/// peer become one message, which the kernel cuts (UDP_SEGMENT); the last of them may be shorter. They need
/// not stand side by side: those to different peers overtake each other, those to one peer never do.
class send_window {
public:
    explicit send_window(std::size_t most);

    /// Messages for all datagrams of the window that are not settled. What is pushed meanwhile, and what is
    /// not popped, may stay where it is.
    [[nodiscard]] std::span<mmsghdr> lay_out(const send_queue& queue, const udp_socket& socket,
                                             segment_limits& limits) noexcept;

    // Of the n-th message laid out:
    /// Where its first datagram stands in the queue.
    [[nodiscard]] std::size_t first(std::size_t n) const noexcept { return runs_[n].first; }
    [[nodiscard]] std::size_t datagrams(std::size_t n) const noexcept { return runs_[n].count; }
    [[nodiscard]] std::size_t bytes(std::size_t n) const noexcept { return runs_[n].bytes; }
    [[nodiscard]] std::size_t segment(std::size_t n) const noexcept { return runs_[n].segment; }
    /// It was part of a longer one.
    [[nodiscard]] bool apart(std::size_t n) const noexcept { return entries_[runs_[n].first].apart; }
    /// It has left, or been given up.
    void settle(std::size_t n) noexcept;
    /// From now on its datagrams are laid out one by one.
    void take_apart(std::size_t n) noexcept;

    /// How many datagrams at the front can be popped: all of the window, once they are settled.
    [[nodiscard]] std::size_t take_done() noexcept;
    /// How many have left or been given up, and are not popped.
    [[nodiscard]] std::size_t settled() const noexcept { return settled_; }

private:
    static constexpr std::uint16_t none = UINT16_MAX;

    struct entry {
        std::uint16_t next = none;  ///< of the same run
        bool settled = false;
        bool apart = false;
    };

    struct run {
        std::uint16_t first = none;
        std::uint16_t last = none;
        std::uint16_t count = 0;
        bool open = false;  ///< takes more
        std::uint32_t segment = 0;
        std::uint32_t bytes = 0;
    };

    struct slot {
        socket_address peer;
        control_buffer control;
    };

    void add(std::uint16_t n, const send_queue& queue, const udp_socket& socket,
             segment_limits& limits) noexcept;
    void fill(std::size_t n, iovec* data, const send_queue& queue, const udp_socket& socket) noexcept;

    std::vector<entry> entries_;  ///< of the datagrams at the front of the queue
    std::size_t size_ = 0;        ///< how many of them are used
    std::size_t settled_ = 0;
    std::vector<run> runs_;
    std::size_t run_count_ = 0;
    std::array<std::uint16_t, 256> last_run_{};  ///< by a hash of the path; another's run is just not joined

    std::vector<iovec> data_;
    std::vector<slot> slots_;  ///< what the headers refer to
    std::vector<mmsghdr> headers_;
};

}  // namespace quivive::transport
