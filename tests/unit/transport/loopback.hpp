#pragma once

#include "support/catch.hpp"
#include "transport/receive_batch.hpp"
#include "transport/send_batch.hpp"
#include "transport/udp_socket.hpp"
#include "wire/bytes.hpp"

#include <poll.h>

#include <string>
#include <string_view>
#include <vector>

namespace quivive::test {

/// Returns an address of 127/8; every such address is local.
inline wire::endpoint loopback_v4(unsigned last, std::uint16_t port = 0)
{
    return wire::endpoint::v4({std::byte{127}, std::byte{0}, std::byte{0}, static_cast<std::byte>(last)},
                              port);
}

inline wire::endpoint loopback_v6(std::uint16_t port = 0)
{
    wire::endpoint result;
    result.address.back() = std::byte{1};
    result.port = port;
    return result;
}

inline const wire::endpoint any_v4 = wire::endpoint::v4({}, 0);
inline const wire::endpoint any_v6{};

inline wire::endpoint with_port(wire::endpoint address, const transport::udp_socket& of)
{
    address.port = of.local_endpoint().port;
    return address;
}

/// Holds a port without a receiver: the kernel answers datagrams from other addresses with ICMP.
inline transport::udp_socket deaf_socket()
{
    return transport::udp_socket::connect(loopback_v4(1, 9), loopback_v4(1));
}

/// Waits for at most five seconds.
inline bool is_readable(const transport::udp_socket& socket)
{
    pollfd readable{socket.native_handle(), POLLIN, 0};
    return ::poll(&readable, 1, 5'000) == 1;
}

/// A copy of a received datagram that outlives its batch.
struct seen_datagram {
    wire::endpoint peer;
    wire::endpoint local;
    std::string text;
    bool truncated;
};

/// Receives until `count` datagrams have arrived, or none arrives any more.
inline std::vector<seen_datagram> receive(transport::udp_socket& socket, std::size_t count,
                                          std::size_t max_bytes = 2'048)
{
    transport::receive_batch batch{max_bytes};
    std::vector<seen_datagram> seen;
    while (seen.size() < count && is_readable(socket))
        for (const auto& datagram : batch.receive(socket))
            seen.push_back({datagram.peer, datagram.local, std::string{wire::as_text(datagram.data)},
                            datagram.truncated});
    return seen;
}

inline seen_datagram receive_one(transport::udp_socket& socket)
{
    const auto seen = receive(socket, 1);
    REQUIRE(seen.size() == 1);
    return seen.front();
}

inline void send_one(transport::udp_socket& socket, const wire::path& path, std::string_view text)
{
    transport::send_batch batch{1};
    REQUIRE(batch.push(path, wire::as_bytes(text)));
    REQUIRE(batch.flush(socket).sent == 1);
}

}  // namespace quivive::test
