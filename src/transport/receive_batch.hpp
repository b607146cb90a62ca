#pragma once

#include "transport/control_message.hpp"
#include "transport/sockaddr.hpp"
#include "transport/system_calls.hpp"
#include "transport/udp_socket.hpp"
#include "wire/bytes.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace quivive::transport {

struct received_datagram {
    wire::endpoint peer;
    wire::endpoint local;    ///< the address that the peer wrote to, with the socket's port
    wire::bytes data;        ///< good until the next receive; may be empty, as UDP allows
    bool truncated = false;  ///< it was larger: `data` is only its beginning
};

/// What the sockets of a batch may hand over.
enum class buffers : bool {
    single,    ///< a datagram in each
    coalesced  ///< many datagrams of one peer (UDP_GRO): each has room for the largest of IP
};

/// Reads many datagrams with one system call. All memory is taken and touched by the constructor, so that a
/// flood makes the process no larger.
class receive_batch {
public:
    explicit receive_batch(std::size_t max_datagram_bytes, std::size_t slots = 32, system_calls calls = {},
                           buffers kind = buffers::single);
    receive_batch(const receive_batch&) = delete;
    receive_batch& operator=(const receive_batch&) = delete;

    /// What waits at the socket, up to `slots()` datagrams; none when nothing does, or the kernel cannot say.
    /// Errors that ICMP may have left are passed over: a peer that refuses does not deafen us to the others.
    [[nodiscard]] std::span<const received_datagram> receive(udp_socket& socket) noexcept;

    /// The kernel gave more than the last receive could tell of: the next one must be of the same socket, and
    /// asks the kernel for nothing.
    [[nodiscard]] bool holds_more() const noexcept { return next_ < filled_; }

    /// How often the kernel said of the last receive that it failed, whatever came of it. Not when nothing
    /// waits, or a signal interrupts.
    [[nodiscard]] unsigned errors() const noexcept { return errors_; }

    /// The last receive took all that waited at the socket.
    [[nodiscard]] bool drained() const noexcept { return !holds_more() && filled_ < slots_.size(); }

    [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }

private:
    struct slot {
        iovec data;
        socket_address peer;
        control_buffer control;
    };

    void prepare(bool with_control) noexcept;
    [[nodiscard]] std::size_t call(int descriptor) noexcept;
    void open(std::size_t n, const udp_socket& socket) noexcept;
    [[nodiscard]] received_datagram cut() noexcept;

    system_calls calls_;
    std::size_t max_datagram_bytes_;
    std::vector<std::byte> memory_;  ///< of all slots
    std::vector<slot> slots_;
    std::vector<mmsghdr> headers_;
    std::vector<received_datagram> datagrams_;

    bool with_control_ = false;
    std::size_t filled_ = 0;         ///< slots by the last call
    unsigned errors_ = 0;            ///< of the last receive
    std::size_t next_ = 0;           ///< the first of them with something left
    received_datagram left_;         ///< of that one, what is not cut off yet
    std::size_t segment_bytes_ = 0;  ///< 0: none is open
};

}  // namespace quivive::transport
