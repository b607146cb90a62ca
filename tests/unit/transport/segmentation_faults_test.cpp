// When the kernel refuses a buffer of many datagrams, each of them is sent or counted.

#include "segmentation.hpp"

#include <array>
#include <cstring>
#include <random>

using namespace quivive;
using namespace quivive::test;
using transport::send_batch;

TEST_CASE("segmentation: if a device cannot segment, datagrams are sent one by one, later ones without a try")
{
    const int fault = GENERATE(EIO, EOPNOTSUPP);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted;
    counted.refuse_segments(fault);
    send_batch batch{100, counted.calls()};
    const auto wanted = push_in_turns(batch, all, 10);
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 20);
    CHECK(result.sent_bytes == 2'000);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 2);
    CHECK(texts(all.first, 10) == wanted);
    CHECK(texts(all.second, 10) == wanted);

    for (int n = 0; n < 2; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes("later")));
    CHECK(batch.flush(all.server).runs_refused == 0);
    CHECK(counted.messages() == sizes(22, 1));
}

TEST_CASE("segmentation: a size that the path refused is not tried again, and smaller sizes are")
{
    const int fault = GENERATE(EINVAL, EMSGSIZE);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted{{fault}};
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 100))));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 1);
    CHECK(receive(all.first, 3).size() == 3);

    for (const std::size_t size : {100u, 100u, 99u, 99u, 99u})
        REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(0, size))));
    CHECK(batch.flush(all.server).sent == 5);
    CHECK(counted.messages() == sizes{1, 1, 1, 1, 1, 3});
    CHECK(receive(all.first, 5).size() == 5);
}

TEST_CASE("segmentation: datagrams that fail on their own as well do not count against buffers")
{
    peers all;
    const wire::path to_port_0{all.server.local_endpoint(), loopback_v4(2, 0)};
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(to_port_0, wire::as_bytes("bad")));
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.failed == 3);
    CHECK(result.runs_refused == 1);
    for (int n = 3; n < 5; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    CHECK(batch.flush(all.server).sent == 2);
    CHECK(counted.messages() == sizes{3, 2});
    CHECK(receive(all.first, 5).size() == 5);
}

TEST_CASE("segmentation: any other error of a buffer costs a call but no datagram")
{
    const int fault = GENERATE(ENOBUFS, ENOMEM, EPERM);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted{{fault}};
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 1);
    for (int n = 3; n < 5; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    CHECK(batch.flush(all.server).sent == 2);
    CHECK(counted.messages() == sizes{1, 1, 1, 2});
    CHECK(receive(all.first, 5).size() == 5);
}

TEST_CASE("segmentation: an interruption or a pending ICMP error costs one try")
{
    const int fault = GENERATE(EINTR, ECONNREFUSED, EHOSTUNREACH);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted{{fault, fault}};
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.runs_refused == 0);
    CHECK(counted.messages() == sizes{3});
}

TEST_CASE("segmentation: when the kernel accepts no more, the rest is sent later, in order")
{
    peers all;
    counted_calls counted{{EAGAIN, ENOBUFS, 0, EAGAIN}};
    send_batch batch{4, counted.calls()};
    for (int n = 0; n < 2; ++n) {
        REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
        REQUIRE(batch.push(all.to_second, wire::as_bytes(numbered(n, 60))));
    }
    CHECK(batch.flush(all.server).would_block);
    CHECK(batch.size() == 4);
    CHECK_FALSE(batch.push(all.to_first, wire::as_bytes("full")));

    // The first peer's two datagrams are sent one by one after an error, the second peer's together.
    auto result = batch.flush(all.server);
    CHECK(result.sent == 4);
    CHECK(batch.size() == 0);

    for (int n = 2; n < 4; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    CHECK(batch.flush(all.server).would_block);
    REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(4, 50))));
    CHECK(batch.flush(all.server).sent == 3);
    CHECK(counted.messages() == sizes{1, 2, 1, 3});
    CHECK(texts(all.first, 5) == std::vector<std::string>{numbered(0, 50), numbered(1, 50), numbered(2, 50),
                                                          numbered(3, 50), numbered(4, 50)});
}

TEST_CASE("segmentation: under any errors each datagram is sent or counted, and the order per peer is kept")
{
    const unsigned seed = GENERATE(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u);
    INFO("seed " << seed);
    std::mt19937 random{seed};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::deque<int> script;
    for (int n = 0; n < 300; ++n) {
        constexpr std::array faults{0, 0, 0, 0, EINTR, EAGAIN, ENOBUFS, EINVAL, EMSGSIZE, ECONNREFUSED};
        script.push_back(faults[below(faults.size())]);
    }
    peers all;
    counted_calls counted{script};
    send_batch batch{400, counted.calls()};
    std::size_t pushed = 0;
    std::size_t sent = 0;
    std::size_t failed = 0;
    for (int round = 0; round < 40; ++round) {
        for (auto left = below(60); left > 0; --left) {
            const std::size_t size = below(4) == 0 ? below(300) : 100;
            const auto& path = below(2) == 0 ? all.to_first : all.to_second;
            if (batch.push(path, wire::as_bytes(numbered(static_cast<int>(1'000'000 + pushed), size))))
                ++pushed;
        }
        const auto result = batch.flush(all.server);
        CHECK(result.would_block == (batch.size() > 0));
        sent += result.sent;
        failed += result.failed;
        CHECK(pushed == sent + failed + batch.size());
    }
    for (int n = 0; n < 300 && batch.size() > 0; ++n) {
        const auto result = batch.flush(all.server);
        sent += result.sent;
        failed += result.failed;
    }
    CHECK(batch.size() == 0);
    CHECK(pushed == sent + failed);

    std::size_t arrived = 0;
    transport::receive_batch in{2'048};
    for (auto* socket : {&all.first, &all.second}) {
        int last = 0;
        for (auto some = in.receive(*socket); !some.empty(); some = in.receive(*socket))
            for (const auto& datagram : some) {
                const int number = std::stoi(std::string{wire::as_text(datagram.data)});
                CHECK(number > last);
                last = number;
                ++arrived;
            }
    }
    CHECK(arrived == sent);
}
