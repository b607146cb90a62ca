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
    wire::endpoint local;    ///< the address that the peer sent to, with the socket's port
    wire::bytes data;        ///< valid until the next receive; may be empty, as UDP allows
    bool truncated = false;  ///< the datagram was larger; `data` is its beginning
};

/// Contents of the buffers that the sockets of a batch return.
enum class buffers : bool {
    single,    ///< one datagram per buffer
    coalesced  ///< several datagrams of one peer (UDP_GRO); each buffer has the maximum UDP size
};

/// Receives many datagrams with one system call. The constructor allocates and touches all memory, so that a
/// flood does not enlarge the process.
class receive_batch {
public:
    explicit receive_batch(std::size_t max_datagram_bytes, std::size_t slots = 32, system_calls calls = {},
                           buffers kind = buffers::single);
    receive_batch(const receive_batch&) = delete;
    receive_batch& operator=(const receive_batch&) = delete;

    /// Returns up to `slots()` datagrams of the socket; none when the socket is empty or receiving fails.
    /// Skips errors that ICMP may have caused, so that one unreachable peer does not block the others.
    [[nodiscard]] std::span<const received_datagram> receive(udp_socket& socket) noexcept;

    /// Returns whether datagrams are left from the last system call. The next receive must then be for the
    /// same socket, and makes no system call.
    [[nodiscard]] bool holds_more() const noexcept { return next_ < filled_; }

    /// Returns how many system calls of the last receive failed, whether or not a later one succeeded. An
    /// empty socket and interruption by a signal do not count.
    [[nodiscard]] unsigned errors() const noexcept { return errors_; }

    /// Returns whether the last receive emptied the socket.
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
    std::vector<std::byte> memory_;  ///< memory of all slots
    std::vector<slot> slots_;
    std::vector<mmsghdr> headers_;
    std::vector<received_datagram> datagrams_;

    bool with_control_ = false;
    std::size_t filled_ = 0;         ///< slots filled by the last system call
    unsigned errors_ = 0;            ///< errors of the last receive
    std::size_t next_ = 0;           ///< first filled slot with datagrams left
    received_datagram left_;         ///< unread part of that slot
    std::size_t segment_bytes_ = 0;  ///< datagram size in that slot; 0: not started
};

}  // namespace quivive::transport
