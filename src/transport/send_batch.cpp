#include "transport/send_batch.hpp"

#include "transport/socket_error.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace quivive::transport {

namespace {

constexpr std::size_t datagrams_per_call = 64;

}  // namespace

send_batch::send_batch(std::size_t limit, system_calls calls)
    : calls_{calls}, queue_{limit}, slots_(std::min(limit, datagrams_per_call)), headers_(slots_.size())
{
}

flush_result send_batch::flush(udp_socket& socket) noexcept
{
    flush_result result;
    while (!queue_.empty() && !result.would_block) {
        const auto count = lay_out(socket);
        send(count, socket, result);
    }
    return result;
}

/// The front of the queue, as one call takes it; returns how many.
std::size_t send_batch::lay_out(const udp_socket& socket) noexcept
{
    const auto count = std::min(queue_.size(), headers_.size());
    for (std::size_t n = 0; n < count; ++n) lay_out(n, socket);
    return count;
}

void send_batch::lay_out(std::size_t n, const udp_socket& socket) noexcept
{
    const auto& datagram = queue_[n];
    const auto data = datagram.data();
    auto& room = slots_[n];
    room.data = {const_cast<std::byte*>(data.data()), data.size()};  // sendmmsg only reads it
    headers_[n] = {};
    auto& message = headers_[n].msg_hdr;
    message.msg_iov = &room.data;
    message.msg_iovlen = 1;
    if (!socket.connected()) {
        room.peer = to_sockaddr(datagram.peer, socket.family());
        message.msg_name = &room.peer.any;
        message.msg_namelen = room.peer.size;
    }
    if (socket.wildcard() && !is_wildcard(datagram.local))
        write_source(message, room.control, socket.family(), datagram.local);
}

/// Sends or gives up the first `count`, as far as the kernel takes them.
void send_batch::send(std::size_t count, const udp_socket& socket, flush_result& result) noexcept
{
    std::size_t done = 0;
    bool tried_again = false;
    while (done < count && !result.would_block) {
        const int sent =
            calls_.sendmmsg(socket.native_handle(), &headers_[done], static_cast<unsigned>(count - done), 0);
        if (sent > 0) {  // when not all, the next call tells what is wrong with the next datagram
            for (int i = 0; i < sent; ++i) result.sent_bytes += slots_[done++].data.iov_len;
            result.sent += static_cast<std::size_t>(sent);
            tried_again = false;
        } else if (would_block(errno)) {
            result.would_block = true;
        } else if (errno == EINTR || (may_stem_from_icmp(errno) && !std::exchange(tried_again, true))) {
            continue;  // ICMP tells of an earlier datagram: this one was not tried
        } else {
            ++done;
            ++result.failed;
            tried_again = false;
        }
    }
    queue_.pop(done);
}

}  // namespace quivive::transport
