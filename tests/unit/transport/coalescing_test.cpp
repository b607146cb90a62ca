// Datagrams of one peer that arrive in one buffer (UDP_GRO) are split again into views.

#include "loopback.hpp"

#include <cstring>

#include <netinet/udp.h>

using namespace quivive;
using namespace quivive::test;
using transport::buffers;
using transport::receive_batch;
using transport::udp_socket;

namespace {

/// A server that receives in one buffer what the client sent in one buffer: the loopback device keeps buffers
/// whole.
struct coalescing_server {
    udp_socket server;
    udp_socket client = udp_socket::bind(loopback_v4(2));

    explicit coalescing_server(const wire::endpoint& at = loopback_v4(1))
        : server{udp_socket::bind(at, {.receive_buffer_bytes = 4'194'304, .coalescing = true})}
    {
        REQUIRE(server.coalescing());  // available in any kernel since 5.0
        REQUIRE(client.segmentation());
    }

    void send(const std::vector<std::string>& texts, const wire::endpoint& to)
    {
        transport::send_batch batch{texts.size()};
        for (const auto& text : texts)
            REQUIRE(batch.push({client.local_endpoint(), to}, wire::as_bytes(text)));
        REQUIRE(batch.flush(client).sent == texts.size());
    }
};

std::vector<std::string> pieces(int count, std::size_t size, std::size_t last)
{
    std::vector<std::string> result;
    for (int n = 0; n < count; ++n)
        result.emplace_back(n + 1 < count ? size : last, static_cast<char>('a' + n));
    return result;
}

/// A kernel that has written one buffer of `length` bytes to the first slot.
struct one_buffer {
    std::size_t length;
    int segment;
    unsigned calls = 0;

    transport::system_calls as_calls()
    {
        current = this;
        transport::system_calls result;
        result.recvmmsg = [](int, mmsghdr* headers, unsigned, int, timespec*) {
            return current->fill(*headers);
        };
        return result;
    }

private:
    int fill(mmsghdr& header)
    {
        ++calls;
        auto& message = header.msg_hdr;
        const auto peer = transport::to_sockaddr(loopback_v4(2, 9), AF_INET);
        std::memcpy(message.msg_name, &peer.v4, peer.size);
        message.msg_namelen = peer.size;
        message.msg_flags = 0;
        std::memset(message.msg_iov->iov_base, 'x', length);
        header.msg_len = static_cast<unsigned>(length);
        REQUIRE(message.msg_controllen >= CMSG_SPACE(sizeof(int)));
        auto* const control = CMSG_FIRSTHDR(&message);
        control->cmsg_level = IPPROTO_UDP;
        control->cmsg_type = UDP_GRO;
        control->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(control), &segment, sizeof(segment));
        message.msg_controllen = CMSG_SPACE(sizeof(int));
        return 1;
    }

    static inline one_buffer* current = nullptr;
};

std::vector<std::size_t> sizes_of(std::span<const transport::received_datagram> datagrams)
{
    std::vector<std::size_t> result;
    for (const auto& datagram : datagrams) result.push_back(datagram.data.size());
    return result;
}

}  // namespace

TEST_CASE("coalescing: one slot returns many datagrams in order and adjacent in memory, the last one shorter")
{
    coalescing_server ends;
    const auto sent = pieces(10, 200, 50);
    ends.send(sent, ends.server.local_endpoint());
    receive_batch batch{2'048, 16, {}, buffers::coalesced};
    REQUIRE(is_readable(ends.server));
    const auto seen = batch.receive(ends.server);
    REQUIRE(seen.size() == sent.size());
    CHECK(batch.drained());
    for (std::size_t n = 0; n < sent.size(); ++n) {
        CHECK(wire::as_text(seen[n].data) == sent[n]);
        CHECK(seen[n].peer == ends.client.local_endpoint());
        CHECK(seen[n].local == ends.server.local_endpoint());
        CHECK_FALSE(seen[n].truncated);
        CHECK(seen[n].data.data() == seen[0].data.data() + n * 200);
    }
}

TEST_CASE("coalescing: more datagrams than slots are returned by several receives with a single system call")
{
    one_buffer kernel{1'050, 100};
    auto socket = udp_socket::bind(loopback_v4(1), {.coalescing = true});
    receive_batch batch{2'048, 4, kernel.as_calls(), buffers::coalesced};
    using sizes = std::vector<std::size_t>;
    CHECK(sizes_of(batch.receive(socket)) == sizes{100, 100, 100, 100});
    CHECK(batch.holds_more());
    CHECK_FALSE(batch.drained());
    CHECK(sizes_of(batch.receive(socket)) == sizes{100, 100, 100, 100});
    CHECK(sizes_of(batch.receive(socket)) == sizes{100, 100, 50});
    CHECK_FALSE(batch.holds_more());
    CHECK(batch.drained());
    CHECK(kernel.calls == 1);
    CHECK(batch.receive(socket).size() == 4);
    CHECK(kernel.calls == 2);
}

TEST_CASE("coalescing: a segment size that does not divide the buffer leaves one datagram")
{
    const auto [length, segment] =
        GENERATE(std::pair{100u, 0}, std::pair{100u, -5}, std::pair{100u, 100}, std::pair{100u, 101},
                 std::pair{0u, 0}, std::pair{0u, 100}, std::pair{65'535u, 65'535});
    one_buffer kernel{length, segment};
    auto socket = udp_socket::bind(loopback_v4(1), {.coalescing = true});
    receive_batch batch{65'535, 4, kernel.as_calls(), buffers::coalesced};
    CHECK(sizes_of(batch.receive(socket)) == std::vector<std::size_t>{length});
    CHECK(batch.drained());
}

TEST_CASE("coalescing: exactly the datagrams above the size limit are truncated")
{
    coalescing_server ends;
    ends.send(pieces(3, 101, 100), ends.server.local_endpoint());
    receive_batch batch{100, 16, {}, buffers::coalesced};
    REQUIRE(is_readable(ends.server));
    const auto seen = batch.receive(ends.server);
    CHECK(sizes_of(seen) == std::vector<std::size_t>{100, 100, 100});
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].truncated);
    CHECK(seen[1].truncated);
    CHECK_FALSE(seen[2].truncated);
}

TEST_CASE("coalescing: on wildcard sockets each datagram has its destination address")
{
    coalescing_server ends{GENERATE(any_v4, any_v6)};
    for (const unsigned last : {7u, 8u})
        ends.send(pieces(4, 100, 100), with_port(loopback_v4(last), ends.server));
    receive_batch batch{2'048, 16, {}, buffers::coalesced};
    std::vector<seen_datagram> seen;
    while (seen.size() < 8 && is_readable(ends.server))
        for (const auto& datagram : batch.receive(ends.server))
            seen.push_back({datagram.peer, datagram.local, std::string{wire::as_text(datagram.data)}, false});
    REQUIRE(seen.size() == 8);
    for (std::size_t n = 0; n < 8; ++n) {
        CHECK(seen[n].local == with_port(loopback_v4(n < 4 ? 7 : 8), ends.server));
        CHECK(seen[n].peer == ends.client.local_endpoint());
    }
}

TEST_CASE("coalescing: single datagrams are received unchanged, whichever socket was read before")
{
    coalescing_server ends;
    auto plain = udp_socket::bind(loopback_v4(1));
    receive_batch batch{2'048, 2, {}, buffers::coalesced};
    for (int round = 0; round < 3; ++round)
        for (auto* socket : {&ends.server, &plain}) {
            ends.send({"one", "other"}, socket->local_endpoint());
            std::string all;
            while (all.size() < 8 && is_readable(*socket))
                for (const auto& datagram : batch.receive(*socket)) all += wire::as_text(datagram.data);
            CHECK(all == "oneother");
        }
}

TEST_CASE("coalescing: only sockets that request it coalesce")
{
    CHECK(udp_socket::connect(loopback_v4(1, 9), {}, {.coalescing = true}).coalescing());
    CHECK_FALSE(udp_socket::bind(loopback_v4(1)).coalescing());
    CHECK_FALSE(udp_socket::connect(loopback_v4(1, 9)).coalescing());
}
