#include "bench/support/source_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <unistd.h>

namespace quivive::bench {

namespace {

void require(bool good, const char* what)
{
    if (!good) throw std::system_error{errno, std::generic_category(), what};
}

/// Enlarges a socket buffer, beyond the limit of the system (net.core.rmem_max) with the privilege for it.
void enlarge(int fd, int forced, int modest)
{
    const int size = 4 << 20;
    if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, modest, &size, sizeof size);
}

}  // namespace

source_socket::source_socket(const boost::asio::ip::udp::endpoint& server)
    : fd_{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)}
{
    require(fd_ >= 0, "socket");
    if (!server.address().is_loopback()) throw std::invalid_argument{"--to: the server must be in 127/8"};
    server_.sin_family = AF_INET;
    server_.sin_port = htons(server.port());
    server_.sin_addr.s_addr = htonl(server.address().to_v4().to_uint());
    const int on = 1;
    require(setsockopt(fd_, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0, "IP_PKTINFO");
    enlarge(fd_, SO_RCVBUFFORCE, SO_RCVBUF);
    enlarge(fd_, SO_SNDBUFFORCE, SO_SNDBUF);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    require(bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0, "bind");
    lay_out(outgoing_, sends_);
    lay_out(incoming_, receives_);
    for (auto& header : sends_) {
        header.msg_hdr.msg_name = &server_;
        header.msg_hdr.msg_namelen = sizeof server_;
        auto* const control = CMSG_FIRSTHDR(&header.msg_hdr);
        control->cmsg_level = IPPROTO_IP;
        control->cmsg_type = IP_PKTINFO;
        control->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    }
    arrivals_.reserve(batch);
}

source_socket::~source_socket() { close(fd_); }

void source_socket::lay_out(std::span<slot> slots, std::span<mmsghdr> headers)
{
    for (std::size_t i = 0; i < slots.size(); ++i) {
        slots[i].part = {slots[i].data.data(), room};
        auto& header = headers[i].msg_hdr;
        header.msg_iov = &slots[i].part;
        header.msg_iovlen = 1;
        header.msg_control = slots[i].control.data();
        header.msg_controllen = slots[i].control.size();
    }
}

void source_socket::push(std::uint32_t from, wire::bytes datagram)
{
    if (waiting_ == batch) flush();
    auto& next = outgoing_[waiting_];
    next.part.iov_len = std::min(datagram.size(), room);
    std::ranges::copy(datagram.first(next.part.iov_len), next.data.begin());
    in_pktinfo source{};
    source.ipi_spec_dst.s_addr = htonl(from);
    std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&sends_[waiting_].msg_hdr)), &source, sizeof source);
    ++waiting_;
}

/// Sends the batch. A datagram that the kernel refuses is lost, as any datagram may be.
void source_socket::flush()
{
    for (std::size_t done = 0; done < waiting_;) {
        const int sent = sendmmsg(fd_, &sends_[done], static_cast<unsigned>(waiting_ - done), 0);
        done += sent > 0 ? static_cast<std::size_t>(sent) : 1;
    }
    waiting_ = 0;
}

std::span<const source_socket::arrival> source_socket::receive()
{
    arrivals_.clear();
    for (std::size_t i = 0; i < batch; ++i) receives_[i].msg_hdr.msg_controllen = incoming_[i].control.size();
    const int got = recvmmsg(fd_, receives_.data(), batch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < got; ++i) {
        auto& header = receives_[static_cast<std::size_t>(i)];
        const auto* const control = CMSG_FIRSTHDR(&header.msg_hdr);
        if (!control || control->cmsg_type != IP_PKTINFO) continue;
        in_pktinfo target;
        std::memcpy(&target, CMSG_DATA(control), sizeof target);
        const auto& data = incoming_[static_cast<std::size_t>(i)].data;
        arrivals_.push_back({ntohl(target.ipi_addr.s_addr), wire::bytes{data}.first(header.msg_len)});
    }
    return arrivals_;
}

}  // namespace quivive::bench
