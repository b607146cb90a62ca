#include "transport/receive_batch.hpp"

#include "transport/socket_error.hpp"

#include <cerrno>

namespace quivive::transport {

namespace {

/// An error that ICMP left is gone once it is reported; a forged stream of them gets no more tries.
constexpr int tries_per_call = 8;

}  // namespace

receive_batch::receive_batch(std::size_t max_datagram_bytes, std::size_t slots, system_calls calls)
    : calls_{calls}, memory_(max_datagram_bytes * slots), slots_(slots), headers_(slots), datagrams_(slots)
{
    for (std::size_t n = 0; n < slots; ++n) {
        slots_[n].data = {memory_.data() + n * max_datagram_bytes, max_datagram_bytes};
        headers_[n].msg_hdr.msg_name = &slots_[n].peer.any;
        headers_[n].msg_hdr.msg_iov = &slots_[n].data;
        headers_[n].msg_hdr.msg_iovlen = 1;
    }
}

std::span<const received_datagram> receive_batch::receive(udp_socket& socket) noexcept
{
    prepare(socket.wildcard());
    const auto count = call(socket.native_handle());
    for (std::size_t n = 0; n < count; ++n) datagrams_[n] = take(n, socket);
    return std::span{datagrams_}.first(count);
}

/// Says anew what room there is, since the kernel has written over it what it used.
void receive_batch::prepare(bool with_control) noexcept
{
    for (std::size_t n = 0; n < slots_.size(); ++n) {
        auto& message = headers_[n].msg_hdr;
        message.msg_namelen = sizeof(slots_[n].peer.v6);
        message.msg_control = with_control ? slots_[n].control.bytes.data() : nullptr;
        message.msg_controllen = with_control ? slots_[n].control.bytes.size() : 0;
    }
}

/// How many datagrams the kernel has put into the slots.
std::size_t receive_batch::call(int descriptor) noexcept
{
    for (int tries = 0; tries < tries_per_call; ++tries) {
        const int count =
            calls_.recvmmsg(descriptor, headers_.data(), static_cast<unsigned>(headers_.size()), 0, nullptr);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR && !may_stem_from_icmp(errno)) break;
    }
    return 0;
}

received_datagram receive_batch::take(std::size_t n, const udp_socket& socket) noexcept
{
    auto& message = headers_[n].msg_hdr;
    auto& from = slots_[n];
    from.peer.size = message.msg_namelen;
    auto local = socket.local_endpoint();
    if (const auto destination = socket.wildcard() ? read_destination(message) : std::nullopt) {
        local = *destination;
        local.port = socket.local_endpoint().port;
    }
    return {
        .peer = to_endpoint(from.peer).value_or(wire::endpoint{}),  // a UDP socket always names an IP peer
        .local = local,
        .data = {static_cast<const std::byte*>(from.data.iov_base), headers_[n].msg_len},
        .truncated = (message.msg_flags & MSG_TRUNC) != 0};
}

}  // namespace quivive::transport
