#include "transport/send_batch.hpp"

#include "faulty_calls.hpp"
#include "loopback.hpp"

#include <cstring>

using namespace quivive;
using namespace quivive::test;
using transport::send_batch;
using transport::udp_socket;

namespace {

/// Datagrams of one size are sent one by one here; segmentation_test.cpp tests how they are combined.
struct two_ends {
    udp_socket server = udp_socket::bind(loopback_v4(1), options());
    udp_socket client = udp_socket::bind(loopback_v4(2), options());

    static transport::socket_options options()
    {
        return {.receive_buffer_bytes = 1'048'576, .segmentation = false};
    }
    wire::path there{client.local_endpoint(), server.local_endpoint()};
    wire::path back{server.local_endpoint(), client.local_endpoint()};
};

void push_numbers(send_batch& batch, const wire::path& path, int from, int to)
{
    for (int n = from; n < to; ++n) REQUIRE(batch.push(path, wire::as_bytes(std::to_string(n))));
}

std::vector<std::string> texts(const std::vector<seen_datagram>& seen)
{
    std::vector<std::string> result;
    for (const auto& datagram : seen) result.push_back(datagram.text);
    return result;
}

}  // namespace

TEST_CASE("send batch: more datagrams than one call takes are sent both ways, whole and in order")
{
    constexpr std::size_t count = 150;
    two_ends ends;
    send_batch batch{count};
    push_numbers(batch, ends.there, 100, 250);
    const auto sent = batch.flush(ends.client);
    CHECK(sent.sent == count);
    CHECK(sent.sent_bytes == 3 * count);
    CHECK(sent.failed == 0);
    CHECK_FALSE(sent.would_block);
    CHECK(batch.size() == 0);

    const auto seen = receive(ends.server, count);
    REQUIRE(seen.size() == count);
    send_batch answers{count};
    for (const auto& datagram : seen)
        REQUIRE(answers.push({datagram.local, datagram.peer}, wire::as_bytes(datagram.text)));
    CHECK(answers.flush(ends.server).sent == count);
    const auto answered = receive(ends.client, count);
    REQUIRE(answered.size() == count);
    for (std::size_t i = 0; i < count; ++i) CHECK(answered[i].text == std::to_string(100 + i));
}

TEST_CASE("send batch: an empty queue makes no call")
{
    two_ends ends;
    faulty_calls faults{{EBADF}};
    send_batch batch{10, faults.calls()};
    const auto result = batch.flush(ends.client);
    CHECK(result.sent + result.failed == 0);
    CHECK(faults.made() == 0);
}

TEST_CASE("send batch: a datagram of zero bytes and the largest one are sent unchanged")
{
    two_ends ends;
    const std::string largest(65'507, 'x');
    send_batch batch{3};
    for (const auto& text : {std::string{}, largest, std::string{"end"}})
        REQUIRE(batch.push(ends.there, wire::as_bytes(text)));
    CHECK(batch.flush(ends.client).sent_bytes == largest.size() + 3);
    CHECK(texts(receive(ends.server, 3, 65'536)) == std::vector<std::string>{"", largest, "end"});
}

TEST_CASE("send batch: a full queue refuses datagrams until it is flushed")
{
    two_ends ends;
    send_batch batch{2};
    push_numbers(batch, ends.there, 0, 2);
    CHECK_FALSE(batch.push(ends.there, wire::as_bytes("2")));
    CHECK(batch.size() == 2);
    CHECK(batch.flush(ends.client).sent == 2);
    CHECK(batch.push(ends.there, wire::as_bytes("3")));
    CHECK(batch.flush(ends.client).sent == 1);
    CHECK(texts(receive(ends.server, 3)) == std::vector<std::string>{"0", "1", "3"});
}

TEST_CASE("send batch: datagrams that cannot be sent do not delay the others")
{
    two_ends ends;
    const wire::path to_port_0{ends.there.local, loopback_v4(2, 0)};
    const wire::path to_other_family{ends.there.local, loopback_v6(9)};
    const std::string too_large(65'508, 'x');
    send_batch batch{10};
    push_numbers(batch, ends.there, 0, 2);
    REQUIRE(batch.push(to_port_0, wire::as_bytes("bad")));
    push_numbers(batch, ends.there, 2, 3);
    REQUIRE(batch.push(ends.there, wire::as_bytes(too_large)));
    REQUIRE(batch.push(to_other_family, wire::as_bytes("bad")));
    push_numbers(batch, ends.there, 3, 4);
    REQUIRE(batch.push(to_port_0, wire::as_bytes("bad")));
    const auto result = batch.flush(ends.client);
    CHECK(result.sent == 4);
    CHECK(result.sent_bytes == 4);
    CHECK(result.failed == 4);
    CHECK_FALSE(result.would_block);
    CHECK(batch.size() == 0);
    CHECK(texts(receive(ends.server, 4)) == std::vector<std::string>{"0", "1", "2", "3"});
}

TEST_CASE("send batch: an error costs the first datagram only and is counted")
{
    const int fault = GENERATE(EPERM, EINVAL, ENOBUFS, ENOMEM, EAFNOSUPPORT);
    INFO(std::strerror(fault));
    two_ends ends;
    faulty_calls faults{{fault, 0}};
    send_batch batch{10, faults.calls()};
    push_numbers(batch, ends.there, 0, 3);
    const auto result = batch.flush(ends.client);
    CHECK(result.failed == 1);
    CHECK(result.sent == 2);
    CHECK(texts(receive(ends.server, 2)) == std::vector<std::string>{"1", "2"});
}

TEST_CASE("send batch: a possible ICMP error costs one try, and costs a datagram only when it repeats")
{
    const int fault = GENERATE(EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE);
    INFO(std::strerror(fault));
    two_ends ends;
    faulty_calls faults{{fault, fault, 0, fault, fault, fault, 0}};
    faults.send_at_most(1);
    send_batch batch{10, faults.calls()};
    push_numbers(batch, ends.there, 0, 4);
    const auto result = batch.flush(ends.client);
    CHECK(result.failed == 1);
    CHECK(result.sent == 3);
    CHECK(faults.finished());
    CHECK(texts(receive(ends.server, 3)) == std::vector<std::string>{"0", "2", "3"});
}

TEST_CASE("send batch: a client can send after an ICMP refusal")
{
    const auto deaf = deaf_socket();
    auto client = udp_socket::connect(deaf.local_endpoint());
    const wire::path path{client.local_endpoint(), deaf.local_endpoint()};
    send_one(client, path, "first");
    REQUIRE(is_readable(client));  // the ICMP error is pending
    send_batch batch{1};
    REQUIRE(batch.push(path, wire::as_bytes("second")));
    const auto result = batch.flush(client);
    CHECK(result.sent == 1);
    CHECK(result.failed == 0);
}

TEST_CASE("send batch: when the kernel accepts no more, the rest is kept in order")
{
    two_ends ends;
    faulty_calls faults{{0, EAGAIN, EAGAIN}};
    faults.send_at_most(2);
    send_batch batch{4, faults.calls()};
    push_numbers(batch, ends.there, 0, 4);
    auto result = batch.flush(ends.client);
    CHECK(result.would_block);
    CHECK(result.sent == 2);
    CHECK(batch.size() == 2);

    result = batch.flush(ends.client);
    CHECK(result.would_block);
    CHECK(result.sent == 0);
    CHECK(result.failed == 0);
    CHECK(batch.size() == 2);

    push_numbers(batch, ends.there, 4, 6);
    faults.send_at_most(1);
    result = batch.flush(ends.client);
    CHECK_FALSE(result.would_block);
    CHECK(result.sent == 4);
    CHECK(texts(receive(ends.server, 6)) == std::vector<std::string>{"0", "1", "2", "3", "4", "5"});
}

TEST_CASE("send batch: on a broken socket the queue is emptied without an endless loop")
{
    static int fault;
    fault = GENERATE(EBADF, EINTR, ECONNREFUSED);
    two_ends ends;
    transport::system_calls calls;
    calls.sendmmsg = [](int, mmsghdr*, unsigned, int) {
        errno = fault;
        return -1;
    };
    send_batch batch{200, calls};
    push_numbers(batch, ends.there, 0, 200);
    CHECK(batch.flush(ends.client).failed == 200);
    CHECK(batch.size() == 0);
}

TEST_CASE("send batch: a call that neither sends nor fails does not cause an endless loop")
{
    two_ends ends;
    transport::system_calls calls;
    calls.sendmmsg = [](int, mmsghdr*, unsigned, int) {
        errno = EAGAIN;  // left from an earlier call
        return 0;
    };
    send_batch batch{2, calls};
    push_numbers(batch, ends.there, 0, 2);
    CHECK(batch.flush(ends.client).failed == 2);
    CHECK(batch.size() == 0);
}
