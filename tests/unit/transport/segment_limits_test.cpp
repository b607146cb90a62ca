#include "transport/segment_limits.hpp"

#include "segmentation.hpp"

#include <cstring>

using namespace quivive;
using namespace quivive::test;
using transport::segment_limits;
using transport::send_batch;

namespace {

/// Sends two datagrams to each peer and flushes; returns the number of datagrams in each message.
sizes two_each(send_batch& batch, peers& all, const counted_calls& counted, std::size_t size)
{
    const auto before = counted.messages().size();
    for (int n = 0; n < 2; ++n)
        for (const auto& path : {all.to_first, all.to_second})
            REQUIRE(batch.push(path, wire::as_bytes(numbered(n, size))));
    REQUIRE(batch.flush(all.server).sent == 4);
    REQUIRE(receive(all.first, 2).size() == 2);
    REQUIRE(receive(all.second, 2).size() == 2);
    return {counted.messages().begin() + static_cast<std::ptrdiff_t>(before), counted.messages().end()};
}

/// Counts the pairs to one address that are sent separately before two are sent together again.
std::size_t pairs_alone(segment_limits& limits, const wire::endpoint& peer, std::size_t size,
                        std::size_t at_most)
{
    std::size_t count = 0;
    while (count < at_most && !limits.allow(peer, size)) ++count;
    return count;
}

wire::endpoint numbered_peer(std::size_t n)
{
    return wire::endpoint::v4({std::byte{10}, static_cast<std::byte>(n >> 16), static_cast<std::byte>(n >> 8),
                               static_cast<std::byte>(n)},
                              5'684);
}

}  // namespace

TEST_CASE("segmentation: a peer behind a small path MTU does not affect other peers")
{
    const int fault = GENERATE(EINVAL, EMSGSIZE, EIO);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted;
    counted.refuse_segments(fault, 0, all.to_first.peer);
    send_batch batch{100, counted.calls()};
    CHECK(two_each(batch, all, counted, 1'400) == sizes{1, 2, 1});
    CHECK(counted.refused() == 1);
    for (int round = 0; round < 20; ++round) CHECK(two_each(batch, all, counted, 1'400) == sizes{1, 2, 1});
    CHECK(counted.refused() == 1);
}

TEST_CASE("segmentation: a refusal applies to its size and above, and a second refusal to all sizes")
{
    peers all;
    counted_calls counted;
    counted.refuse_segments(EINVAL, 500, all.to_first.peer);
    send_batch batch{100, counted.calls()};
    CHECK(two_each(batch, all, counted, 1'400) == sizes{1, 2, 1});
    CHECK(two_each(batch, all, counted, 400) == sizes{2, 2});
    CHECK(two_each(batch, all, counted, 1'200) == sizes{1, 2, 1});
    CHECK(counted.refused() == 2);
    for (const std::size_t size : {1'100u, 900u, 700u, 600u, 400u})
        CHECK(two_each(batch, all, counted, size) == sizes{1, 2, 1});
    CHECK(counted.refused() == 2);
}

TEST_CASE(
    "segmentation: buffers to an address are tried again after a number of datagrams, as its path may change")
{
    peers all;
    counted_calls counted;
    counted.refuse_segments(EMSGSIZE, 0, all.to_first.peer);
    send_batch batch{100, counted.calls()};
    CHECK(two_each(batch, all, counted, 1'200) == sizes{1, 2, 1});
    counted.refuse_segments(0);
    std::size_t alone = 0;
    while (alone < 2 * segment_limits::unsegmented_after_refusal &&
           two_each(batch, all, counted, 1'200) == sizes{1, 2, 1})
        ++alone;
    CHECK(alone == segment_limits::unsegmented_after_refusal);
    CHECK(two_each(batch, all, counted, 1'200) == sizes{2, 2});
}

TEST_CASE("segmentation: a connected socket also tries buffers again after a refusal")
{
    peers all;
    auto client = transport::udp_socket::connect(all.server.local_endpoint());
    const wire::path path{client.local_endpoint(), all.server.local_endpoint()};
    counted_calls counted{{EINVAL}};
    send_batch batch{100, counted.calls()};
    const auto send_two = [&] {
        for (int n = 0; n < 2; ++n) REQUIRE(batch.push(path, wire::as_bytes(numbered(n, 100))));
        REQUIRE(batch.flush(client).sent == 2);
        REQUIRE(receive(all.server, 2).size() == 2);
        return counted.messages().back();
    };
    for (std::size_t n = 0; n <= segment_limits::unsegmented_after_refusal; ++n) CHECK(send_two() == 1);
    CHECK(send_two() == 2);
}

TEST_CASE("segmentation: a device that cannot segment is tried a few times, and again much later")
{
    segment_limits limits;
    for (std::size_t n = 0; n < segment_limits::device_refusals; ++n) {
        CHECK(limits.allow(numbered_peer(n), 100));
        limits.refuse(numbered_peer(n), 100, true, false);
    }
    const auto unknown_peer = numbered_peer(1'000);
    CHECK(pairs_alone(limits, unknown_peer, 100, 100'000) == segment_limits::unsegmented_after_device);
    SECTION("the device still cannot segment")
    {
        for (std::size_t n = 2'000; n < 2'000 + segment_limits::device_refusals; ++n) {
            CHECK(limits.allow(numbered_peer(n), 100));
            limits.refuse(numbered_peer(n), 100, true, false);
        }
        CHECK(pairs_alone(limits, numbered_peer(1'001), 100, 100'000) ==
              segment_limits::unsegmented_after_device);
    }
    SECTION("the device can segment now")
    {
        limits.taken();
        limits.refuse(unknown_peer, 100, true, false);  // refused by another device
        CHECK(limits.allow(numbered_peer(1'001), 100));
    }
}

TEST_CASE("segmentation: refusals of one address do not count against the device")
{
    segment_limits limits;
    for (std::size_t n = 0; n < 10 * segment_limits::device_refusals; ++n) {
        auto peer = numbered_peer(1);
        peer.port = static_cast<std::uint16_t>(1'000 + n);
        limits.refuse(peer, 100, true, false);
        REQUIRE(limits.allow(numbered_peer(2), 100));
    }
}

TEST_CASE("segmentation: refusals of a peer's path never count against the device")
{
    segment_limits limits;
    for (std::size_t n = 0; n < 1'000; ++n) limits.refuse(numbered_peer(n), 1'400, false, false);
    std::size_t allowed = 0;
    for (std::size_t n = 1'000; n < 2'000; ++n) allowed += limits.allow(numbered_peer(n), 1'400) ? 1u : 0u;
    CHECK(allowed == 1'000);
}

TEST_CASE(
    "segmentation: a refusal is remembered by address without port, and never applies to another address")
{
    segment_limits limits;
    auto peer = numbered_peer(1);
    limits.refuse(peer, 1'400, false, false);
    peer.port = 1;
    CHECK_FALSE(limits.allow(peer, 1'400));
    CHECK(limits.allow(peer, 1'399));
    // With so many addresses some share its slot of the table.
    for (std::size_t n = 2; n < 5'000; ++n) CHECK(limits.allow(numbered_peer(n), 1'400));
    CHECK_FALSE(limits.allow(peer, 1'400));
}
