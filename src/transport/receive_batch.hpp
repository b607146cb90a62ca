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

/// Reads many datagrams with one system call. All memory is taken and touched by the constructor, so that a
/// flood makes the process no larger.
class receive_batch {
public:
    explicit receive_batch(std::size_t max_datagram_bytes, std::size_t slots = 32, system_calls calls = {});
    receive_batch(const receive_batch&) = delete;
    receive_batch& operator=(const receive_batch&) = delete;

    /// What waits at the socket, up to `slots()` datagrams; none when nothing does, or the kernel cannot say.
    /// Errors that ICMP may have left are passed over: a peer that refuses does not deafen us to the others.
    [[nodiscard]] std::span<const received_datagram> receive(udp_socket& socket) noexcept;

    [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }

private:
    struct slot {
        iovec data;
        socket_address peer;
        control_buffer control;
    };

    void prepare(bool with_control) noexcept;
    [[nodiscard]] std::size_t call(int descriptor) noexcept;
    [[nodiscard]] received_datagram take(std::size_t n, const udp_socket& socket) noexcept;

    system_calls calls_;
    std::vector<std::byte> memory_;  ///< of all slots
    std::vector<slot> slots_;
    std::vector<mmsghdr> headers_;
    std::vector<received_datagram> datagrams_;
};

}  // namespace quivive::transport
