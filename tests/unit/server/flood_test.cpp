// A socket that always has datagrams: other work of the thread still runs, and timers fire on time.

#include "quivive/server.hpp"

#include "support/conversation.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// While set, every receive of this program fills all its slots with noise.
std::atomic<bool> flood{false};
std::atomic<std::uint64_t> batches{0};

}  // namespace

// Replaces the C library's function in the whole test program.
extern "C" int recvmmsg(int descriptor, mmsghdr* headers, unsigned count, int flags, timespec* within)
{
    if (!flood) return static_cast<int>(::syscall(SYS_recvmmsg, descriptor, headers, count, flags, within));
    ++batches;
    for (unsigned n = 0; n < count; ++n) {
        auto& message = headers[n].msg_hdr;
        sockaddr_in peer{};
        peer.sin_family = AF_INET;
        peer.sin_port = htons(9);
        peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(message.msg_name, &peer, sizeof(peer));
        message.msg_namelen = sizeof(peer);
        message.msg_controllen = 0;
        message.msg_flags = 0;
        headers[n].msg_len = 13;
        std::memset(message.msg_iov->iov_base, 0, 13);
    }
    return static_cast<int>(count);
}

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A server with a live session, whose socket then always has datagrams.
struct flooded_server {
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};

    session live;

    flooded_server()
    {
        served.serve(test::echo);
        live = test::run_beside(io, async_connect(io.get_executor(), served.local_endpoints().front(),
                                                  test::trusting(), asio::use_awaitable));
        asio::ip::udp::socket sender{io, asio::ip::udp::v4()};
        flood = true;
        sender.send_to(asio::buffer("noise"), served.local_endpoints().front());
    }
    ~flooded_server() { flood = false; }
    flooded_server(const flooded_server&) = delete;
    flooded_server& operator=(const flooded_server&) = delete;

    void run_until(const bool& done)
    {
        const auto abort = std::chrono::steady_clock::now() + 20s;
        while (!done && std::chrono::steady_clock::now() < abort) io.run_one_for(1s);
    }
};

}  // namespace

TEST_CASE("flood: a timer on the same thread fires within a few turns of its deadline")
{
    flooded_server flooded;
    asio::steady_timer timer{flooded.io, 50ms};
    bool fired = false;
    std::uint64_t read_before = 0;
    timer.async_wait([&](error_code) { fired = true; });
    while (!fired && std::chrono::steady_clock::now() < timer.expiry()) flooded.io.run_one_for(1s);
    read_before = batches;
    CHECK(read_before > 0);
    flooded.run_until(fired);
    CHECK(fired);
    CHECK(batches - read_before <= 100);  // a few turns of eight batches
    CHECK(flooded.served.metrics().dropped.total() > 0);
}

TEST_CASE("flood: the server's own time-outs fire on time")
{
    flooded_server flooded;
    bool stopped = false;
    const auto begun = std::chrono::steady_clock::now();
    asio::co_spawn(
        flooded.io,
        [&]() -> asio::awaitable<void> {
            co_await flooded.served.async_stop(50ms, asio::use_awaitable);
            stopped = true;
        },
        asio::detached);
    flooded.run_until(stopped);
    CHECK(stopped);
    CHECK(std::chrono::steady_clock::now() - begun >= 50ms);  // the session was given its time
    CHECK(flooded.served.metrics().sessions_closed == 1);
    CHECK(flooded.served.metrics().balanced());
}
