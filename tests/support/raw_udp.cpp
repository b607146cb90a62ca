#include "support/raw_udp.hpp"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace quivive::test {

namespace {

void require(bool good, const char* what)
{
    if (!good) throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

raw_udp::raw_udp(const boost::asio::ip::udp::endpoint& bind_to)
    : fd_{::socket(bind_to.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)}
{
    require(fd_ >= 0, "socket");
    require(::bind(fd_, bind_to.data(), static_cast<socklen_t>(bind_to.size())) == 0, "bind");
}

raw_udp::~raw_udp() { ::close(fd_); }

boost::asio::ip::udp::endpoint raw_udp::local() const
{
    boost::asio::ip::udp::endpoint at;
    auto size = static_cast<socklen_t>(at.capacity());
    require(::getsockname(fd_, at.data(), &size) == 0, "getsockname");
    at.resize(size);
    return at;
}

void raw_udp::send(const boost::asio::ip::udp::endpoint& to, wire::bytes datagram)
{
    const auto sent =
        ::sendto(fd_, datagram.data(), datagram.size(), 0, to.data(), static_cast<socklen_t>(to.size()));
    require(sent == static_cast<ssize_t>(datagram.size()), "sendto");
}

std::optional<octets> raw_udp::receive(std::chrono::milliseconds within)
{
    pollfd readable{fd_, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(within.count())) <= 0) return std::nullopt;
    octets datagram(65'536);
    const auto size = ::recv(fd_, datagram.data(), datagram.size(), 0);
    require(size >= 0, "recv");
    datagram.resize(static_cast<std::size_t>(size));
    return datagram;
}

}  // namespace quivive::test
