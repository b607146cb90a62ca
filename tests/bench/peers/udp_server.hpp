// Code that the two reference servers share: arguments, one UDP socket, the stop signal.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace peer {

using namespace std::chrono;

inline volatile std::sig_atomic_t stop_asked = 0;

[[noreturn]] inline void fail(const std::string& why)
{
    std::cerr << why << '\n';
    std::exit(2);
}

struct arguments {
    std::string certificate, key, identity;
    std::vector<unsigned char> psk;
    std::uint16_t port = 0;
};

inline arguments read_arguments(int argc, char** argv)
{
    if (argc != 4 && argc != 5)
        fail("usage: " + std::string(argv[0]) + " PORT CERT.pem KEY.pem [IDENTITY:HEXKEY]");
    arguments given{argv[2], argv[3], {}, {}, static_cast<std::uint16_t>(std::atoi(argv[1]))};
    const std::string psk = argc > 4 ? argv[4] : ":";
    const auto colon = psk.find(':');
    given.identity = psk.substr(0, colon);
    for (auto i = colon + 1; colon != std::string::npos && i + 1 < psk.size(); i += 2)
        given.psk.push_back(static_cast<unsigned char>(std::stoul(psk.substr(i, 2), nullptr, 16)));
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { stop_asked = 1; });
    return given;
}

/// A peer in the table: IPv4 address and port.
using peer_number = std::uint64_t;

inline peer_number number_of(const sockaddr_in& at)
{
    return std::uint64_t{at.sin_addr.s_addr} << 16 | at.sin_port;
}

/// A socket on 127.0.0.1 for all clients.
class udp_socket {
public:
    explicit udp_socket(std::uint16_t port)
        : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int size = 4 << 20;  // the size that quivive requests
        if (setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
            setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        if (bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fail(std::strerror(errno));
        socklen_t length = sizeof at;
        getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &length);
        std::cout << "listening on 127.0.0.1:" << ntohs(at.sin_port) << std::endl;
    }

    /// Waits for something to read.
    void wait(milliseconds limit) const
    {
        pollfd readable{fd_, POLLIN, 0};
        poll(&readable, 1, static_cast<int>(limit.count()));
    }

    /// Returns the next datagram; empty when none is queued.
    std::span<unsigned char> receive(sockaddr_in& from)
    {
        socklen_t length = sizeof from;
        const auto got =
            recvfrom(fd_, buffer_, sizeof buffer_, 0, reinterpret_cast<sockaddr*>(&from), &length);
        return std::span(buffer_).first(got > 0 ? static_cast<std::size_t>(got) : 0);
    }

    void send(const sockaddr_in& to, const void* data, std::size_t size) const
    {
        sendto(fd_, data, size, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }

private:
    int fd_;
    unsigned char buffer_[65536];
};

constexpr auto look_at_timers = milliseconds(100);
constexpr auto handshake_patience = seconds(30);
constexpr int datagrams_per_turn = 256;  // then timers run

}  // namespace peer
