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

/// The front of a send queue, prepared for one system call. Datagrams of one size from one local address to
/// one peer become one message, which the kernel splits (UDP_SEGMENT). The last of them may be shorter. They
/// need not be adjacent in the queue: datagrams to different peers may overtake each other, those to one peer
/// never do.
class send_window {
public:
    explicit send_window(std::size_t most);

    /// Returns messages for all datagrams of the window that have not been sent or dropped. Between calls,
    /// further datagrams may be pushed to the queue. Datagrams of the window stay in it until they are
    /// popped.
    [[nodiscard]] std::span<mmsghdr> lay_out(const send_queue& queue, const udp_socket& socket,
                                             segment_limits& limits) noexcept;

    // `n` is the index of a message from `lay_out`.

    /// Returns the index of the message's first datagram in the queue.
    [[nodiscard]] std::size_t first(std::size_t n) const noexcept { return runs_[n].first; }
    [[nodiscard]] std::size_t datagrams(std::size_t n) const noexcept { return runs_[n].count; }
    [[nodiscard]] std::size_t bytes(std::size_t n) const noexcept { return runs_[n].bytes; }
    [[nodiscard]] std::size_t segment(std::size_t n) const noexcept { return runs_[n].segment; }
    /// Returns whether the message was part of a longer one that was refused.
    [[nodiscard]] bool is_split(std::size_t n) const noexcept { return entries_[runs_[n].first].is_split; }
    /// Marks the message's datagrams as sent or dropped.
    void complete(std::size_t n) noexcept;
    /// Makes `lay_out` return one message for each of its datagrams from now on.
    void split(std::size_t n) noexcept;

    /// Returns how many datagrams at the front can be popped, and removes them from the window. These are all
    /// of the window once each was sent or dropped, otherwise none.
    [[nodiscard]] std::size_t take_done() noexcept;
    /// Returns how many datagrams of the window have been sent or dropped, but not popped.
    [[nodiscard]] std::size_t completed() const noexcept { return completed_; }

private:
    static constexpr std::uint16_t none = UINT16_MAX;

    struct entry {
        std::uint16_t next = none;  ///< next datagram of the same run
        bool completed = false;
        bool is_split = false;
    };

    struct run {
        std::uint16_t first = none;
        std::uint16_t last = none;
        std::uint16_t count = 0;
        bool open = false;  ///< accepts more datagrams
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

    std::vector<entry> entries_;  ///< state of the datagrams at the front of the queue
    std::size_t size_ = 0;        ///< number of entries in use
    std::size_t completed_ = 0;
    std::vector<run> runs_;
    std::size_t run_count_ = 0;
    std::array<std::uint16_t, 256> last_run_{};  ///< by path hash; runs of other paths are not joined

    std::vector<iovec> data_;
    std::vector<slot> slots_;  ///< memory that the headers refer to
    std::vector<mmsghdr> headers_;
};

}  // namespace quivive::transport
