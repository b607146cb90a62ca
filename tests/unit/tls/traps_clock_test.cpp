#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/wall_clock.hpp"

#include <chrono>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

// GnuTLS reads the wall clock, so this program replaces it by a clock that a test can set.

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    const auto result = ::syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += static_cast<time_t>(wall_clock_step.count());
    return static_cast<int>(result);
}

extern "C" time_t time(time_t* out) noexcept
{
    timespec now{};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr) *out = now.tv_sec;
    return now.tv_sec;
}

TEST_CASE("GnuTLS traps 8 to 11: a step of the wall clock ends no handshake and retransmits no flight")
{
    const auto by = GENERATE(-3'600s, -5s, 5s, 61s, 3'600s, 24h, -24h);
    CAPTURE(by.count());
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.let_client_go_on();
    const auto hello = peer.sent_by_client();
    (void)peer.feed(hello.front());
    const auto sent = peer.sent_by_server.size();
    peer.let_client_go_on();
    const auto flight = peer.sent_by_client();
    {
        const clock_set set{by};
        (void)peer.feed(flight[0]);
        (void)peer.feed(flight[1]);
        CHECK(peer.server->status() == handshake_status::in_progress);
        CHECK(peer.sent_by_server.size() == sent);
        (void)peer.feed(flight[2]);
        REQUIRE(peer.server->status() == handshake_status::done);
    }
    peer.let_client_go_on();
    REQUIRE(client.session.done());
    peer.establish();
    CHECK(peer.echo("hello") == "hello");
}

TEST_CASE(
    "GnuTLS trap 8: a Finished repeated long after the handshake does not stop the session from receiving")
{
    const auto by = GENERATE(61s, 3'600s, -3'600s, 24h);
    CAPTURE(by.count());
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.settle();
    peer.establish();
    const clock_set set{by};
    octets finished(24);
    finished[0] = std::byte{20};
    const auto again = peer.sealed_by_client(wire::content_type::handshake, finished);
    CHECK(peer.open(again).kind == record::opened_kind::repeated_finished);
    for (int i = 0; i < 3; ++i) CHECK(peer.echo("hello") == "hello");
}
