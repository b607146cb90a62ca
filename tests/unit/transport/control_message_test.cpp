#include "transport/control_message.hpp"

#include "loopback.hpp"

#include <cstring>

#include <netinet/udp.h>

using namespace quivive;
using namespace quivive::test;

namespace {

/// Writes `source` as the source of a datagram, and reads it back as the destination that the peer's kernel
/// would report.
std::optional<wire::endpoint> written_and_read(const wire::endpoint& source)
{
    msghdr message{};
    transport::control_buffer room;
    transport::write_source(message, room, AF_INET6, source);
    return transport::read_destination(message);
}

wire::endpoint link_local(std::uint32_t scope)
{
    auto result = loopback_v6();
    result.address[0] = std::byte{0xfe};
    result.address[1] = std::byte{0x80};
    result.scope = scope;
    return result;
}

}  // namespace

TEST_CASE("control message: a source is written in the format of a destination, IPv4 as a mapped address")
{
    CHECK(written_and_read(loopback_v4(7)) == loopback_v4(7));
    CHECK(written_and_read(loopback_v6()) == loopback_v6());
}

TEST_CASE("control message: a link-local source names its interface (RFC 4007 6)")
{
    CHECK(written_and_read(link_local(3)) == link_local(3));
}

TEST_CASE("control message: on an AF_INET socket the source is ipi_spec_dst, and the interface is left open")
{
    msghdr message{};
    transport::control_buffer room;
    transport::write_source(message, room, AF_INET, loopback_v4(7));
    const auto* const header = CMSG_FIRSTHDR(&message);
    REQUIRE(header != nullptr);
    CHECK(header->cmsg_level == IPPROTO_IP);
    CHECK(header->cmsg_type == IP_PKTINFO);
    in_pktinfo info;
    std::memcpy(&info, CMSG_DATA(header), sizeof(info));
    CHECK(transport::to_endpoint(info.ipi_spec_dst, 0) == loopback_v4(7));
    CHECK(info.ipi_ifindex == 0);
}

TEST_CASE("control message: an absent, unrelated or truncated message yields no destination")
{
    msghdr message{};
    CHECK_FALSE(transport::read_destination(message));

    transport::control_buffer room;
    transport::write_source(message, room, AF_INET6, loopback_v6());
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo) - 1);
    CHECK_FALSE(transport::read_destination(message));
    header->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
    header->cmsg_type = IPV6_HOPLIMIT;
    CHECK_FALSE(transport::read_destination(message));
}

TEST_CASE("control message: a source and a segment size can be combined in either order")
{
    const bool size_first = GENERATE(true, false);
    msghdr message{};
    transport::control_buffer room;
    if (size_first) transport::write_segment_size(message, room, 1'200);
    transport::write_source(message, room, AF_INET6, loopback_v6());
    if (!size_first) transport::write_segment_size(message, room, 1'200);
    CHECK(message.msg_controllen <= room.bytes.size());
    CHECK(transport::read_destination(message) == loopback_v6());

    std::uint16_t size = 0;
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_SEGMENT) {
            CHECK(header->cmsg_len == CMSG_LEN(sizeof(size)));
            std::memcpy(&size, CMSG_DATA(header), sizeof(size));
        }
    CHECK(size == 1'200);
}

TEST_CASE("control message: a truncated, negative or unrelated segment size is ignored")
{
    msghdr message{};
    CHECK(transport::read_segment_size(message) == 0);
    transport::control_buffer room;
    message.msg_control = room.bytes.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int));
    auto* const header = CMSG_FIRSTHDR(&message);
    const auto read = [&](int level, int type, int value, std::size_t size = sizeof(int)) {
        header->cmsg_level = level;
        header->cmsg_type = type;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), &value, sizeof(value));
        return transport::read_segment_size(message);
    };
    CHECK(read(IPPROTO_UDP, UDP_GRO, 1'200) == 1'200);
    CHECK(read(IPPROTO_UDP, UDP_GRO, -1) == 0);
    CHECK(read(IPPROTO_UDP, UDP_GRO, 1'200, sizeof(int) - 1) == 0);
    CHECK(read(IPPROTO_UDP, UDP_SEGMENT, 1'200) == 0);
    CHECK(read(IPPROTO_IP, UDP_GRO, 1'200) == 0);
}
