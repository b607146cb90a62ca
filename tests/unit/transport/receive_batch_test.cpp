#include "transport/receive_batch.hpp"

#include "faulty_calls.hpp"
#include "loopback.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

using namespace quivive;
using namespace quivive::test;
using transport::receive_batch;
using transport::udp_socket;

namespace {

int pending_error(const udp_socket& socket)
{
    int error = -1;
    socklen_t size = sizeof(error);
    REQUIRE(::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) == 0);
    return error;
}

/// Connects a deaf socket to `peer`, so that it can receive from and send to `peer`.
void reach_again(const udp_socket& deaf, const wire::endpoint& peer)
{
    const auto address = transport::to_sockaddr(peer, deaf.family());
    REQUIRE(::connect(deaf.native_handle(), &address.any, address.size) == 0);
}

}  // namespace

TEST_CASE("receive batch: an empty socket returns no datagram")
{
    auto socket = udp_socket::bind(loopback_v4(1));
    receive_batch batch{100};
    CHECK(batch.receive(socket).empty());
}

TEST_CASE("receive batch: one call returns the waiting datagrams in order, up to the number of slots")
{
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    for (const auto* text : {"a", "b", "c"})
        send_one(client, {client.local_endpoint(), server.local_endpoint()}, text);

    receive_batch batch{100, 2};
    CHECK(batch.slots() == 2);
    const auto first = batch.receive(server);
    REQUIRE(first.size() == 2);
    CHECK(wire::as_text(first[0].data) == "a");
    CHECK(wire::as_text(first[1].data) == "b");
    CHECK(first[0].peer == client.local_endpoint());
    CHECK(first[0].local == server.local_endpoint());
    const auto second = batch.receive(server);
    REQUIRE(second.size() == 1);
    CHECK(wire::as_text(second[0].data) == "c");
    CHECK(batch.receive(server).empty());
}

TEST_CASE("receive batch: a datagram of zero bytes is returned")
{
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "");
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "next");
    const auto seen = receive(server, 2);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].text.empty());
    CHECK(seen[0].peer == client.local_endpoint());
    CHECK_FALSE(seen[0].truncated);
    CHECK(seen[1].text == "next");
}

TEST_CASE("receive batch: a datagram of exactly the limit is whole, and one byte more is truncated")
{
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    for (const std::size_t size : {100u, 101u, 99u})
        send_one(client, {client.local_endpoint(), server.local_endpoint()}, std::string(size, 'x'));
    const auto seen = receive(server, 3, 100);
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].text.size() == 100);
    CHECK_FALSE(seen[0].truncated);
    CHECK(seen[1].text.size() == 100);
    CHECK(seen[1].truncated);
    CHECK(seen[2].text.size() == 99);
    CHECK_FALSE(seen[2].truncated);
}

TEST_CASE("receive batch: a slot keeps nothing of earlier datagrams when sizes and sockets vary")
{
    auto plain = udp_socket::bind(loopback_v4(1));
    auto wild = udp_socket::bind(any_v4);
    auto dual = udp_socket::bind(any_v6);
    auto client_v4 = udp_socket::bind(loopback_v4(2));
    auto client_v6 = udp_socket::bind(loopback_v6());
    receive_batch batch{100, 1};
    const auto check = [&](udp_socket& server, const wire::endpoint& local, udp_socket& client,
                           const char* text) {
        send_one(client, {client.local_endpoint(), local}, text);
        REQUIRE(is_readable(server));
        const auto seen = batch.receive(server);
        REQUIRE(seen.size() == 1);
        CHECK(seen[0].local == local);
        CHECK(seen[0].peer == client.local_endpoint());
        CHECK(wire::as_text(seen[0].data) == text);
    };
    for (int i = 0; i < 2; ++i) {
        check(plain, plain.local_endpoint(), client_v4, "plain");
        check(wild, with_port(loopback_v4(8), wild), client_v4, "wildcard");
        check(dual, with_port(loopback_v6(), dual), client_v6, "sixth");
        check(dual, with_port(loopback_v4(7), dual), client_v4, "mapped");
    }
}

TEST_CASE("receive batch: interruptions and pending ICMP errors are skipped within one receive")
{
    const int fault = GENERATE(EINTR, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE);
    INFO(std::strerror(fault));
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "here");
    faulty_calls faults{{fault, fault}};
    receive_batch batch{100, 1, faults.calls()};
    CHECK(batch.receive(server).size() == 1);
    CHECK(faults.made() == 3);
    CHECK(batch.errors() == (fault == EINTR ? 0U : 2U));
    CHECK(batch.receive(server).empty());
    CHECK(batch.errors() == 0);
}

TEST_CASE("receive batch: endless errors do not block the thread")
{
    const int fault = GENERATE(EINTR, ECONNREFUSED);
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "here");
    faulty_calls faults{std::deque<int>(1'000, fault)};
    receive_batch batch{100, 1, faults.calls()};
    CHECK(batch.receive(server).empty());
    CHECK(faults.made() < 20);
    CHECK(batch.errors() == (fault == EINTR ? 0U : static_cast<unsigned>(faults.made())));
}

TEST_CASE("receive batch: any other error ends the call at once and loses no datagram")
{
    const int fault = GENERATE(ENOMEM, ENOBUFS, EBADF);
    INFO(std::strerror(fault));
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "here");
    faulty_calls faults{{fault}};
    receive_batch batch{100, 1, faults.calls()};
    CHECK(batch.receive(server).empty());
    CHECK(faults.made() == 1);
    CHECK(batch.errors() == 1);
    CHECK(batch.receive(server).size() == 1);
    CHECK(batch.errors() == 0);
}

TEST_CASE("receive batch: an ICMP refusal is ignored, and the client still receives (RFC 8085 5.2)")
{
    auto deaf = deaf_socket();
    auto client = udp_socket::connect(deaf.local_endpoint());
    send_one(client, {client.local_endpoint(), deaf.local_endpoint()}, "anybody there?");
    REQUIRE(is_readable(client));  // only the ICMP error is pending
    receive_batch batch{100};
    CHECK(batch.receive(client).empty());
    CHECK(pending_error(client) == 0);

    const auto refused = client.local_endpoint();
    reach_again(deaf, refused);
    send_one(deaf, {deaf.local_endpoint(), refused}, "here after all");
    CHECK(receive_one(client).text == "here after all");
}

TEST_CASE("receive batch: a datagram from port 0 (RFC 768) is delivered, and other layers count it")
{
    auto server = udp_socket::bind(loopback_v4(1));
    auto client = udp_socket::bind(loopback_v4(2));
    for (const auto* text : {"no port", "good"})
        send_one(client, {client.local_endpoint(), server.local_endpoint()}, text);
    transport::system_calls calls;
    calls.recvmmsg = [](int fd, mmsghdr* headers, unsigned count, int flags, timespec* within) {
        const int received = ::recvmmsg(fd, headers, count, flags, within);
        if (received == 2) static_cast<sockaddr_in*>(headers[0].msg_hdr.msg_name)->sin_port = 0;
        return received;
    };
    receive_batch batch{100, 4, calls};
    const auto seen = batch.receive(server);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].peer == loopback_v4(2, 0));
    CHECK(seen[1].peer == client.local_endpoint());
}

namespace {

bool is_resident(const iovec& memory)
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.iov_base) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(memory.iov_base) + memory.iov_len;
    std::vector<unsigned char> pages((end - begin + page - 1) / page);
    REQUIRE(::mincore(reinterpret_cast<void*>(begin), end - begin, pages.data()) == 0);
    return std::ranges::all_of(pages, [](unsigned char p) { return (p & 1) != 0; });
}

}  // namespace

TEST_CASE("receive batch: all memory is resident before the first datagram")
{
    auto server = udp_socket::bind(loopback_v4(1));
    transport::system_calls calls;
    calls.recvmmsg = [](int, mmsghdr* headers, unsigned count, int, timespec*) {
        CHECK(count == 32);
        for (unsigned i = 0; i < count; ++i) {
            CHECK(headers[i].msg_hdr.msg_iov->iov_len == 65'536);
            CHECK(is_resident(*headers[i].msg_hdr.msg_iov));
        }
        errno = EAGAIN;
        return -1;
    };
    receive_batch batch{65'536, 32, calls};
    CHECK(batch.receive(server).empty());
}
