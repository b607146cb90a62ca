#include "transport/receive_batch.hpp"

#include "transport/socket_error.hpp"

#include <cerrno>

namespace quivive::transport {

namespace {

int retry_interrupted(auto call) noexcept
{
    for (;;) {
        const int result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

}  // namespace

receive_batch::receive_batch(std::size_t max_datagram_bytes, std::size_t slots, system_calls calls)
    : calls_{calls}, memory_(max_datagram_bytes * slots), slots_(slots), headers_(slots)
{
    datagrams_.reserve(slots);
    for (std::size_t i = 0; i < slots; ++i) {
        slots_[i].data = {memory_.data() + i * max_datagram_bytes, max_datagram_bytes};
        headers_[i].msg_hdr.msg_name = &slots_[i].peer.any;
        headers_[i].msg_hdr.msg_iov = &slots_[i].data;
        headers_[i].msg_hdr.msg_iovlen = 1;
    }
}

std::span<const received_datagram> receive_batch::receive(udp_socket& socket) noexcept
{
    datagrams_.clear();
    unanswerable_ = 0;
    prepare(socket.wildcard());

    const int count = retry_interrupted([&] {
        return calls_.recvmmsg(socket.native_handle(), headers_.data(),
                               static_cast<unsigned>(headers_.size()), 0, nullptr);
    });
    error_ = count >= 0 || would_block(errno) ? boost::system::error_code{} : make_socket_error(errno);
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        take(slots_[index], headers_[index], socket);
    }
    return datagrams_;
}

/// Says anew what room there is, since the kernel has written over it what it used.
void receive_batch::prepare(bool with_control) noexcept
{
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto& message = headers_[i].msg_hdr;
        message.msg_namelen = sizeof(slots_[i].peer.v6);
        message.msg_control = with_control ? slots_[i].control.bytes.data() : nullptr;
        message.msg_controllen = with_control ? slots_[i].control.bytes.size() : 0;
    }
}

void receive_batch::take(slot& from, mmsghdr& header, const udp_socket& socket) noexcept
{
    from.peer.size = header.msg_hdr.msg_namelen;
    const auto peer = to_endpoint(from.peer);
    if (!peer || peer->port == 0) {
        ++unanswerable_;
        return;
    }
    auto local = socket.local_endpoint();
    if (const auto destination = socket.wildcard() ? read_destination(header.msg_hdr) : std::nullopt) {
        local = *destination;
        local.port = socket.local_endpoint().port;
    }
    datagrams_.push_back({*peer,
                          local,
                          {static_cast<std::byte*>(from.data.iov_base), header.msg_len},
                          (header.msg_hdr.msg_flags & MSG_TRUNC) != 0});
}

}  // namespace quivive::transport
