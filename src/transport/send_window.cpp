#include "transport/send_window.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace quivive::transport {

namespace {

/// Maximum number of datagrams that the kernel accepts in one buffer (UDP_MAX_SEGMENTS, 128 in later
/// kernels). `max_bytes` fits an IP packet of either family.
constexpr std::size_t max_segments = 64;
constexpr std::size_t max_bytes = 65'000;

/// The hash is not keyed: a collision only costs an additional run, and each lookup checks one bucket.
std::size_t bucket_of(const queued_datagram& datagram) noexcept
{
    const auto tail = [](const wire::endpoint& end) {
        std::uint64_t bytes;
        std::memcpy(&bytes, end.address.data() + 8, sizeof(bytes));
        return bytes;
    };
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    const auto peer = tail(datagram.peer) ^ (std::uint64_t{datagram.peer.port} << 16);
    return ((peer * odd) ^ tail(datagram.local)) * odd >> 56;
}

}  // namespace

send_window::send_window(std::size_t most)
    : entries_(most), runs_(most), data_(most), slots_(most), headers_(most)
{
}

std::span<mmsghdr> send_window::lay_out(const send_queue& queue, const udp_socket& socket,
                                        segment_limits& limits) noexcept
{
    for (const auto wanted = std::min(queue.size(), entries_.size()); size_ < wanted; ++size_)
        entries_[size_] = {};
    run_count_ = 0;
    if (socket.segmentation()) last_run_.fill(none);
    for (std::uint16_t n = 0; n < size_; ++n)
        if (!entries_[n].completed) add(n, queue, socket, limits);
    auto* data = data_.data();
    for (std::size_t n = 0; n < run_count_; data += runs_[n++].count) fill(n, data, queue, socket);
    return std::span{headers_}.first(run_count_);
}

/// Adds a datagram to the latest run of its path if possible; otherwise starts a run that later ones may
/// join.
void send_window::add(std::uint16_t n, const send_queue& queue, const udp_socket& socket,
                      segment_limits& limits) noexcept
{
    const auto& datagram = queue[n];
    const auto size = static_cast<std::uint32_t>(datagram.data().size());
    entries_[n].next = none;
    if (socket.segmentation()) {
        const bool joins = size > 0 && size <= max_bytes && !entries_[n].is_split;
        auto& latest = last_run_[bucket_of(datagram)];
        if (joins && latest != none) {
            auto& of_peer = runs_[latest];
            const auto& first = queue[of_peer.first];
            if (of_peer.open && size <= of_peer.segment && of_peer.bytes + size <= max_bytes &&
                first.peer == datagram.peer && first.local == datagram.local &&
                limits.allow(datagram.peer, of_peer.segment)) {
                entries_[of_peer.last].next = n;
                of_peer.last = n;
                of_peer.bytes += size;
                of_peer.open = ++of_peer.count < max_segments && size == of_peer.segment;
                return;
            }
        }
        latest = static_cast<std::uint16_t>(run_count_);
        runs_[run_count_++] = {n, n, 1, joins, size, size};
        return;
    }
    runs_[run_count_++] = {n, n, 1, false, size, size};
}

void send_window::fill(std::size_t n, iovec* data, const send_queue& queue, const udp_socket& socket) noexcept
{
    const auto& of = runs_[n];
    const auto& datagram = queue[of.first];
    headers_[n] = {};
    auto& message = headers_[n].msg_hdr;
    message.msg_iov = data;
    message.msg_iovlen = of.count;
    for (auto at = of.first; at != none; at = entries_[at].next) {
        const auto bytes = queue[at].data();
        *data++ = {const_cast<std::byte*>(bytes.data()), bytes.size()};  // sendmmsg only reads it
    }
    auto& room = slots_[n];
    if (!socket.connected()) {
        room.peer = to_sockaddr(datagram.peer, socket.family());
        message.msg_name = &room.peer.any;
        message.msg_namelen = room.peer.size;
    }
    if (socket.wildcard() && !is_wildcard(datagram.local))
        write_source(message, room.control, socket.family(), datagram.local);
    if (of.count > 1) write_segment_size(message, room.control, static_cast<std::uint16_t>(of.segment));
}

void send_window::complete(std::size_t n) noexcept
{
    for (auto at = runs_[n].first; at != none; at = entries_[at].next) entries_[at].completed = true;
    completed_ += runs_[n].count;
}

void send_window::split(std::size_t n) noexcept
{
    for (auto at = runs_[n].first; at != none; at = entries_[at].next) entries_[at].is_split = true;
}

std::size_t send_window::take_done() noexcept
{
    if (completed_ < size_) return 0;
    completed_ = 0;
    return std::exchange(size_, 0);
}

}  // namespace quivive::transport
