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

/// A UDP socket that speaks as any address of 127/8, chosen for each datagram (IP_PKTINFO): with a few of
/// them one process is a million clients. Datagrams go and come in batches.
class source_socket {
public:
    explicit source_socket(const boost::asio::ip::udp::endpoint& server);
    ~source_socket();
    source_socket(const source_socket&) = delete;
    source_socket& operator=(const source_socket&) = delete;

    struct arrival {
        std::uint32_t to;  ///< the address of ours, in host order
        wire::bytes data;  ///< good until the next `receive`
    };

    /// Sends with the next batch.
    void push(std::uint32_t from, wire::bytes datagram);
    void flush();
    /// What waits at the socket, of one batch at most; does not block.
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
