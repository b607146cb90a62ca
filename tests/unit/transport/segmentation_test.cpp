// Datagrams of one size to one peer are sent in one buffer (UDP_SEGMENT).

#include "segmentation.hpp"

using namespace quivive;
using namespace quivive::test;
using transport::send_batch;
using transport::udp_socket;

TEST_CASE("segmentation: datagrams of one size to one peer are sent in one buffer, the last may be shorter")
{
    peers all;
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    std::vector<std::string> wanted;
    for (int n = 0; n < 5; ++n) wanted.push_back(numbered(n, 100));
    wanted.push_back(numbered(5, 60));
    wanted.push_back(numbered(6, 60));  // after a shorter datagram: a new buffer
    for (const auto& text : wanted) REQUIRE(batch.push(all.to_first, wire::as_bytes(text)));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 7);
    CHECK(result.sent_bytes == 620);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 0);
    CHECK(counted.messages() == sizes{6, 1});
    CHECK(texts(all.first, 7) == wanted);
}

TEST_CASE("segmentation: datagrams of one peer share a buffer even if others are queued between them")
{
    peers all;
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    const auto wanted = push_in_turns(batch, all, 10);
    CHECK(batch.flush(all.server).sent == 20);
    CHECK(counted.messages() == sizes{10, 10});
    CHECK(texts(all.first, 10) == wanted);
    CHECK(texts(all.second, 10) == wanted);
}

TEST_CASE("segmentation: a buffer holds at most 64 datagrams and at most one IP packet")
{
    peers all;
    counted_calls counted;
    send_batch batch{1'000, counted.calls()};
    SECTION("many datagrams")
    {
        for (int n = 0; n < 100; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 10))));
        CHECK(batch.flush(all.server).sent == 100);
        CHECK(counted.messages() == sizes{64, 36});
        CHECK(receive(all.first, 100).size() == 100);
    }
    SECTION("large datagrams")
    {
        for (int n = 0; n < 8; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 16'000))));
        CHECK(batch.flush(all.server).sent == 8);
        CHECK(counted.messages() == sizes{4, 4});
        CHECK(receive(all.first, 8, 20'000).size() == 8);
    }
}

TEST_CASE("segmentation: an empty datagram is sent alone")
{
    peers all;
    counted_calls counted;
    send_batch batch{10, counted.calls()};
    for (const auto* text : {"", "", "a", "b"}) REQUIRE(batch.push(all.to_first, wire::as_bytes(text)));
    CHECK(batch.flush(all.server).sent == 4);
    CHECK(counted.messages() == sizes{1, 1, 2});
    CHECK(texts(all.first, 4) == std::vector<std::string>{"", "", "a", "b"});
}

TEST_CASE("segmentation: each datagram has the right source address, also with IPv6 and wildcards")
{
    const bool v6 = GENERATE(false, true);
    auto server = udp_socket::bind(v6 ? any_v6 : any_v4);
    auto client = udp_socket::bind(loopback_v4(2));
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 6; ++n) {
        const auto from = with_port(loopback_v4(n % 2 == 0 ? 5 : 6), server);
        REQUIRE(batch.push({from, client.local_endpoint()}, wire::as_bytes(numbered(n, 30))));
    }
    if (v6) {
        auto sixth = udp_socket::bind(loopback_v6());
        for (int n = 0; n < 3; ++n)
            REQUIRE(batch.push({with_port(loopback_v6(), server), sixth.local_endpoint()},
                               wire::as_bytes(numbered(n, 30))));
        CHECK(batch.flush(server).sent == 9);
        for (const auto& datagram : receive(sixth, 3))
            CHECK(datagram.peer == with_port(loopback_v6(), server));
    } else {
        CHECK(batch.flush(server).sent == 6);
    }
    CHECK(counted.messages() == (v6 ? sizes{3, 3, 3} : sizes{3, 3}));
    const auto seen = receive(client, 6);
    REQUIRE(seen.size() == 6);
    for (const auto& datagram : seen)
        CHECK(datagram.peer == with_port(loopback_v4(datagram.text[0] % 2 == 0 ? 5 : 6), server));
}

TEST_CASE("segmentation: a connected socket segments too")
{
    peers all;
    auto client = udp_socket::connect(all.server.local_endpoint());
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n)
        REQUIRE(batch.push({client.local_endpoint(), all.server.local_endpoint()},
                           wire::as_bytes(numbered(n, 30))));
    CHECK(batch.flush(client).sent == 3);
    CHECK(counted.messages() == sizes{3});
    CHECK(receive(all.server, 3).size() == 3);
}

TEST_CASE("segmentation: without the option each datagram is sent alone")
{
    auto server = udp_socket::bind(loopback_v4(1), {.segmentation = false});
    auto client = udp_socket::bind(loopback_v4(2));
    CHECK_FALSE(server.segmentation());
    counted_calls counted;
    send_batch batch{10, counted.calls()};
    for (int n = 0; n < 3; ++n)
        REQUIRE(batch.push({server.local_endpoint(), client.local_endpoint()}, wire::as_bytes("same")));
    CHECK(batch.flush(server).sent == 3);
    CHECK(counted.messages() == sizes{1, 1, 1});
}
