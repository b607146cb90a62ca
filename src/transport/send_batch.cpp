#include "transport/send_batch.hpp"

#include "transport/socket_error.hpp"

#include <algorithm>
#include <cerrno>

namespace quivive::transport {

namespace {

constexpr std::size_t datagrams_per_call = 64;

/// Of one datagram, as long as the errors may not be about it.
constexpr int tries_per_datagram = 3;

/// A signal came in between, or ICMP tells of an earlier datagram: this one was not tried.
bool may_be_about_another(int error) noexcept { return error == EINTR || may_stem_from_icmp(error); }

}  // namespace

send_batch::send_batch(std::size_t max_datagrams, system_calls calls)
    : calls_{calls},
      queue_{max_datagrams},
      slots_(std::min(max_datagrams, datagrams_per_call)),
      headers_(slots_.size())
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
    int tries = 0;  // of the first that is not done
    while (done < count && !result.would_block) {
        const int sent =
            calls_.sendmmsg(socket.native_handle(), &headers_[done], static_cast<unsigned>(count - done), 0);
        const int error = sent < 0 ? errno : 0;
        if (sent > 0) {  // when not all, the next call tells what is wrong with the next datagram
            for (int i = 0; i < sent; ++i) result.sent_bytes += slots_[done++].data.iov_len;
            result.sent += static_cast<std::size_t>(sent);
            tries = 0;
        } else if (would_block(error)) {
            result.would_block = true;
        } else if (!may_be_about_another(error) || ++tries == tries_per_datagram) {
            ++done;
            ++result.failed;
            tries = 0;
        }
    }
    queue_.pop(done);
}

}  // namespace quivive::transport
