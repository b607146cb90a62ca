#pragma once

#include "wire/bytes.hpp"

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace quivive::test {

using octets = std::vector<std::byte>;

/// A plain UDP socket for tests that choose every byte on the wire. All waits are bounded.
class raw_udp {
public:
    /// Any address of 127/8 is valid as a source.
    explicit raw_udp(const boost::asio::ip::udp::endpoint& bind_to = {boost::asio::ip::address_v4::loopback(),
                                                                      0});
    ~raw_udp();
    raw_udp(const raw_udp&) = delete;
    raw_udp& operator=(const raw_udp&) = delete;

    [[nodiscard]] boost::asio::ip::udp::endpoint local() const;
    void send(const boost::asio::ip::udp::endpoint& to, wire::bytes datagram);
    /// Returns the next datagram, or nullopt when none arrives within the time.
    [[nodiscard]] std::optional<octets> receive(std::chrono::milliseconds within = std::chrono::seconds{5});

private:
    int fd_;
};

}  // namespace quivive::test
