#pragma once

#include "wire/bytes.hpp"

#include <boost/asio/ip/udp.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace quivive::bench {

/// A UDP socket that sends and receives as any address of 127/8, chosen for each datagram (IP_PKTINFO). With
/// a few such sockets one process acts as a million clients. Datagrams are sent and received in batches.
class source_socket {
public:
    explicit source_socket(const boost::asio::ip::udp::endpoint& server);
    ~source_socket();
    source_socket(const source_socket&) = delete;
    source_socket& operator=(const source_socket&) = delete;

    struct arrival {
        std::uint32_t to;  ///< the local address, in host order
        wire::bytes data;  ///< valid until the next `receive`
    };

    /// Adds a datagram to the next batch.
    void push(std::uint32_t from, wire::bytes datagram);
    void flush();
    /// Returns the queued datagrams, at most one batch; does not block.
    [[nodiscard]] std::span<const arrival> receive();

    [[nodiscard]] int descriptor() const noexcept { return fd_; }

private:
    static constexpr std::size_t batch = 64, room = 2'048;

    struct slot {
        std::array<std::byte, room> data;
        iovec part{};
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control{};
    };
    static void lay_out(std::span<slot> slots, std::span<mmsghdr> headers);

    int fd_;
    sockaddr_in server_{};
    std::vector<slot> outgoing_{batch}, incoming_{batch};
    std::vector<mmsghdr> sends_{batch}, receives_{batch};
    std::vector<arrival> arrivals_;
    std::size_t waiting_ = 0;
};

}  // namespace quivive::bench
