#pragma once

#include "transport/control_message.hpp"
#include "transport/sockaddr.hpp"
#include "transport/system_calls.hpp"
#include "transport/udp_socket.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace quivive::transport {

struct received_datagram {
    wire::endpoint peer;
    wire::endpoint local;       ///< the address that the peer wrote to, with the socket's port
    std::span<std::byte> data;  ///< good until the next receive; may be empty, as UDP allows
    bool truncated = false;     ///< it was larger: `data` is only its beginning
};

/// Reads many datagrams with one system call. All memory is taken and touched by the constructor, so that a
/// flood makes the process no larger.
class receive_batch {
public:
    explicit receive_batch(std::size_t max_datagram_bytes, std::size_t slots = 32, system_calls calls = {});
    receive_batch(const receive_batch&) = delete;
    receive_batch& operator=(const receive_batch&) = delete;

    /// What waits at the socket, up to `slots()` datagrams. Fewer: there may be no more, or see `error()`.
    [[nodiscard]] std::span<const received_datagram> receive(udp_socket& socket) noexcept;

    // Of the last call.

    /// None when there was merely nothing to read. One that `may_stem_from_icmp()` is gone with this report:
    /// go on reading.
    [[nodiscard]] boost::system::error_code error() const noexcept { return error_; }
    /// Datagrams left out because no answer could reach their source: port 0 (RFC 768), or no IP address.
    [[nodiscard]] std::size_t unanswerable() const noexcept { return unanswerable_; }

    [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }

private:
    struct slot {
        iovec data;
        socket_address peer;
        control_buffer control;
    };

    void prepare(bool with_control) noexcept;
    void take(slot& from, mmsghdr& header, const udp_socket& socket) noexcept;

    system_calls calls_;
    std::vector<std::byte> memory_;  ///< of all slots
    std::vector<slot> slots_;
    std::vector<mmsghdr> headers_;
    std::vector<received_datagram> datagrams_;
    boost::system::error_code error_;
    std::size_t unanswerable_ = 0;
};

}  // namespace quivive::transport
