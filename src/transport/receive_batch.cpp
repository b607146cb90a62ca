#include "transport/receive_batch.hpp"

#include "transport/socket_error.hpp"

#include <algorithm>
#include <cerrno>

namespace quivive::transport {

namespace {

/// The kernel reports an error from ICMP once and then clears it. The limit stops a stream of forged ICMP
/// errors.
constexpr int tries_per_call = 8;

/// Maximum of the UDP length field, and therefore of a coalesced buffer.
constexpr std::size_t largest_buffer = 65'535;

/// Rounds up to an odd number of cache lines, so that the slots start in different sets of every cache.
std::size_t stride_for(std::size_t bytes) noexcept { return (((bytes + 63) / 64) | 1) * 64; }

}  // namespace

receive_batch::receive_batch(std::size_t max_datagram_bytes, std::size_t slots, system_calls calls,
                             buffers kind)
    : calls_{calls},
      max_datagram_bytes_{max_datagram_bytes},
      slots_(slots),
      headers_(slots),
      datagrams_(slots)
{
    const auto room =
        kind == buffers::coalesced ? std::max(max_datagram_bytes, largest_buffer) : max_datagram_bytes;
    const auto stride = stride_for(room);
    memory_.resize(stride * slots);
    for (std::size_t n = 0; n < slots; ++n) {
        slots_[n].data = {memory_.data() + n * stride, room};
        headers_[n].msg_hdr.msg_name = &slots_[n].peer.any;
        headers_[n].msg_hdr.msg_iov = &slots_[n].data;
        headers_[n].msg_hdr.msg_iovlen = 1;
    }
    filled_ = next_ = slots;  // no slot is prepared yet
}

std::span<const received_datagram> receive_batch::receive(udp_socket& socket) noexcept
{
    errors_ = 0;
    if (!holds_more()) {
        prepare(socket.wildcard() || socket.coalescing());
        filled_ = call(socket.native_handle());
        next_ = 0;
    }
    std::size_t count = 0;
    for (; count < datagrams_.size() && holds_more(); ++count) {
        if (segment_bytes_ == 0) open(next_, socket);
        datagrams_[count] = cut();
    }
    return std::span{datagrams_}.first(count);
}

/// Resets the lengths that the kernel has overwritten with the number of bytes it used.
void receive_batch::prepare(bool with_control) noexcept
{
    const auto used = with_control == with_control_ ? filled_ : slots_.size();
    with_control_ = with_control;
    for (std::size_t n = 0; n < used; ++n) {
        auto& message = headers_[n].msg_hdr;
        message.msg_namelen = sizeof(slots_[n].peer.v6);
        message.msg_control = with_control ? slots_[n].control.bytes.data() : nullptr;
        message.msg_controllen = with_control ? slots_[n].control.bytes.size() : 0;
    }
}

/// Receives into the slots and returns how many the kernel has filled.
std::size_t receive_batch::call(int descriptor) noexcept
{
    for (int tries = 0; tries < tries_per_call; ++tries) {
        const int count =
            calls_.recvmmsg(descriptor, headers_.data(), static_cast<unsigned>(headers_.size()), 0, nullptr);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno == EINTR) continue;
        if (would_block(errno)) break;
        ++errors_;
        if (!may_stem_from_icmp(errno)) break;
    }
    return 0;
}

/// Starts reading a filled slot, which holds at least one datagram.
void receive_batch::open(std::size_t n, const udp_socket& socket) noexcept
{
    auto& message = headers_[n].msg_hdr;
    auto& from = slots_[n];
    from.peer.size = message.msg_namelen;
    auto local = socket.local_endpoint();
    if (const auto destination = socket.wildcard() ? read_destination(message) : std::nullopt) {
        local = *destination;
        local.port = socket.local_endpoint().port;
    }
    left_ = {.peer = to_endpoint(from.peer).value_or(wire::endpoint{}),  // always an IP address on UDP
             .local = local,
             .data = {static_cast<const std::byte*>(from.data.iov_base), headers_[n].msg_len},
             .truncated = (message.msg_flags & MSG_TRUNC) != 0};
    segment_bytes_ = socket.coalescing() ? read_segment_size(message) : 0;
    if (segment_bytes_ == 0) segment_bytes_ = std::max<std::size_t>(left_.data.size(), 1);
}

/// Removes the next datagram from the current slot and returns a view of it.
received_datagram receive_batch::cut() noexcept
{
    auto first = left_;
    const bool last = left_.data.size() <= segment_bytes_;
    first.data = left_.data.first(last ? left_.data.size() : segment_bytes_);
    first.truncated = last && left_.truncated;
    if (first.data.size() > max_datagram_bytes_) {
        first.data = first.data.first(max_datagram_bytes_);
        first.truncated = true;
    }
    if (last) {
        ++next_;
        segment_bytes_ = 0;
    } else {
        left_.data = left_.data.subspan(segment_bytes_);
    }
    return first;
}

}  // namespace quivive::transport
