#include "transport/udp_socket.hpp"

#include "loopback.hpp"

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>

using namespace quivive;
using namespace quivive::test;
using transport::udp_socket;

namespace {

int option(const udp_socket& socket, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    REQUIRE(::getsockopt(socket.native_handle(), level, name, &value, &size) == 0);
    return value;
}

template <typename Open>
std::string failure(Open open)
{
    try {
        (void)open();
    } catch (const boost::system::system_error& error) {
        return error.what();
    }
    return "no failure";
}

}  // namespace

TEST_CASE("udp socket: port 0 is replaced by the port that the system chose")
{
    for (const auto& at : {loopback_v4(3), any_v4, loopback_v6(), any_v6}) {
        const auto socket = udp_socket::bind(at);
        CHECK(socket.local_endpoint().port != 0);
        CHECK(socket.local_endpoint().address == at.address);
        CHECK(socket.family() == (at.is_v4() ? AF_INET : AF_INET6));
        CHECK(socket.wildcard() == transport::is_wildcard(at));
        CHECK_FALSE(socket.connected());
    }
}

TEST_CASE("udp socket: the descriptor is non-blocking and closed on exec")
{
    const auto socket = udp_socket::bind(loopback_v4(1));
    CHECK((::fcntl(socket.native_handle(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("udp socket: the descriptor has one owner, which closes it")
{
    auto first = udp_socket::bind(loopback_v4(1));
    const int descriptor = first.native_handle();
    const auto at = first.local_endpoint();
    {
        udp_socket second{std::move(first)};
        CHECK(second.native_handle() == descriptor);
        CHECK(second.local_endpoint() == at);
        auto third = udp_socket::bind(loopback_v4(1));
        third = std::move(second);
        CHECK(third.native_handle() == descriptor);
        CHECK(::fcntl(descriptor, F_GETFD) >= 0);
    }
    CHECK(::fcntl(descriptor, F_GETFD) == -1);
}

TEST_CASE("udp socket: the error of a taken port names its address")
{
    for (const auto& at : {loopback_v4(1), loopback_v6()}) {
        const auto holder = udp_socket::bind(at);
        const auto text = failure([&] { return udp_socket::bind(holder.local_endpoint()); });
        CHECK(text.find("cannot listen on " + transport::to_text(holder.local_endpoint()) + ": ") == 0);
        CHECK(text.find(std::strerror(EADDRINUSE)) != std::string::npos);
    }
}

TEST_CASE("udp socket: the error of a foreign local address names the address, for servers and clients")
{
    const auto foreign = wire::endpoint::v4({std::byte{198}, std::byte{51}, std::byte{100}, std::byte{7}}, 0);
    CHECK(failure([&] { return udp_socket::bind(foreign); }).find("cannot listen on 198.51.100.7:0: ") == 0);
    CHECK(failure([&] {
              return udp_socket::connect(loopback_v4(1, 9), foreign);
          }).find("cannot bind 198.51.100.7:0: ") == 0);
}

TEST_CASE("udp socket: the error of a peer that the given address cannot reach names the peer")
{
    const auto text = failure([&] { return udp_socket::connect(loopback_v6(9), loopback_v4(1)); });
    CHECK(text.find("cannot connect to [::1]:9: ") == 0);
}

TEST_CASE("udp socket: shards share an address with reuse_port, and only with it")
{
    const auto first = udp_socket::bind(loopback_v4(1), {.reuse_port = true});
    CHECK_NOTHROW(udp_socket::bind(first.local_endpoint(), {.reuse_port = true}));
    CHECK_THROWS_AS(udp_socket::bind(first.local_endpoint()), boost::system::system_error);
}

TEST_CASE("udp socket: a socket on (::) leaves IPv4 free with v6_only, and occupies it otherwise")
{
    CHECK(option(udp_socket::bind(any_v6, {.v6_only = true}), IPPROTO_IPV6, IPV6_V6ONLY) == 1);

    const auto dual_stack = udp_socket::bind(any_v6);
    CHECK(option(dual_stack, IPPROTO_IPV6, IPV6_V6ONLY) == 0);
    CHECK_THROWS_AS(udp_socket::bind(with_port(any_v4, dual_stack)), boost::system::system_error);
}

TEST_CASE("udp socket: buffers get the requested size, or the largest that the system allows")
{
    constexpr std::size_t bytes = 65'536;
    const auto socket =
        udp_socket::bind(loopback_v4(1), {.receive_buffer_bytes = bytes, .send_buffer_bytes = bytes});
    CHECK(option(socket, SOL_SOCKET, SO_RCVBUF) == 2 * bytes);  // socket(7): the kernel doubles the value
    CHECK(option(socket, SOL_SOCKET, SO_SNDBUF) == 2 * bytes);
    CHECK_NOTHROW(udp_socket::bind(loopback_v4(1), {.receive_buffer_bytes = SIZE_MAX}));
}

TEST_CASE("udp socket: a client has a local address once it is connected")
{
    const auto server = udp_socket::bind(loopback_v4(9));
    const auto client = udp_socket::connect(server.local_endpoint());
    CHECK(client.connected());
    CHECK_FALSE(client.wildcard());
    CHECK_FALSE(transport::is_wildcard(client.local_endpoint()));
    CHECK(client.local_endpoint().port != 0);

    const auto chosen = udp_socket::connect(server.local_endpoint(), loopback_v4(4));
    CHECK(chosen.local_endpoint().address == loopback_v4(4).address);
}

TEST_CASE("udp socket: a client bound to (::) can send to IPv4 too")
{
    auto server = udp_socket::bind(loopback_v4(9));
    auto client = udp_socket::connect(server.local_endpoint(), any_v6);
    CHECK(client.family() == AF_INET6);
    CHECK(client.local_endpoint().is_v4());
    send_one(client, {client.local_endpoint(), server.local_endpoint()}, "mapped");
    const auto seen = receive_one(server);
    CHECK(seen.text == "mapped");
    CHECK(seen.peer == client.local_endpoint());
}
