#include "transport/control_message.hpp"

#include "transport/sockaddr.hpp"

#include <algorithm>
#include <cstring>

#include <netinet/udp.h>

namespace quivive::transport {

namespace {

template <typename Info>
Info read(const cmsghdr& header) noexcept
{
    Info info;
    std::memcpy(&info, CMSG_DATA(&header), sizeof(info));
    return info;
}

/// Appends a control message to `message`, in the memory of `buffer`.
template <typename Info>
void append(msghdr& message, control_buffer& buffer, int level, int type, const Info& info) noexcept
{
    auto* const place = buffer.bytes.data() + message.msg_controllen;
    std::memset(place, 0, CMSG_SPACE(sizeof(info)));
    message.msg_control = buffer.bytes.data();
    message.msg_controllen += CMSG_SPACE(sizeof(info));
    auto* const header = reinterpret_cast<cmsghdr*>(place);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof(info));
    std::memcpy(CMSG_DATA(header), &info, sizeof(info));
}

}  // namespace

bool request_destination(int descriptor, int family) noexcept
{
    const int on = 1;
    return family == AF_INET ? ::setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0
                             : ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;
}

bool request_coalescing(int descriptor) noexcept
{
    const int on = 1;
    return ::setsockopt(descriptor, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) == 0;
}

bool can_segment(int descriptor) noexcept
{
    const int by_default = 0;  // each buffer sets its own segment size
    return ::setsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &by_default, sizeof(by_default)) == 0;
}

std::optional<wire::endpoint> read_destination(msghdr& message) noexcept
{
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        // ipi_addr (the destination in the IP header), not ipi_spec_dst: broadcasts then get no response.
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO &&
            header->cmsg_len >= CMSG_LEN(sizeof(in_pktinfo)))
            return to_endpoint(read<in_pktinfo>(*header).ipi_addr, 0);
        if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO &&
            header->cmsg_len >= CMSG_LEN(sizeof(in6_pktinfo))) {
            const auto info = read<in6_pktinfo>(*header);
            return to_endpoint(info.ipi6_addr, 0, info.ipi6_ifindex);
        }
    }
    return std::nullopt;
}

std::size_t read_segment_size(msghdr& message) noexcept
{
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO &&
            header->cmsg_len >= CMSG_LEN(sizeof(int)))
            return static_cast<std::size_t>(std::max(read<int>(*header), 0));
    }
    return 0;
}

void write_source(msghdr& message, control_buffer& buffer, int family, const wire::endpoint& source) noexcept
{
    if (family == AF_INET) {
        in_pktinfo info{};  // no interface: routing selects it, since the peer only sees the address
        std::memcpy(&info.ipi_spec_dst, source.v4_bytes().data(), sizeof(info.ipi_spec_dst));
        append(message, buffer, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, source.address.data(), sizeof(info.ipi6_addr));
        info.ipi6_ifindex = source.scope;  // 0 unless the address is link-local
        append(message, buffer, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

void write_segment_size(msghdr& message, control_buffer& buffer, std::uint16_t size) noexcept
{
    append(message, buffer, IPPROTO_UDP, UDP_SEGMENT, size);
}

}  // namespace quivive::transport
