// Datagrams of one size to one peer leave in one buffer (UDP_SEGMENT), and as before where that is refused.

#include "faulty_calls.hpp"
#include "loopback.hpp"

#include <cstring>
#include <map>
#include <random>

#include <netinet/udp.h>

using namespace quivive;
using namespace quivive::test;
using transport::send_batch;
using transport::udp_socket;

namespace {

/// Messages that a batch handed over, counted; the kernel may be scripted to refuse some.
class counted_calls {
public:
    explicit counted_calls(std::deque<int> script = {}) : script_{std::move(script)} { current_ = this; }
    ~counted_calls() { current_ = nullptr; }
    counted_calls(const counted_calls&) = delete;
    counted_calls& operator=(const counted_calls&) = delete;

    [[nodiscard]] static transport::system_calls calls()
    {
        transport::system_calls result;
        result.sendmmsg = [](int fd, mmsghdr* headers, unsigned count, int flags) {
            return current_->send(fd, headers, count, flags);
        };
        return result;
    }

    /// What was sent: how many datagrams each message had.
    [[nodiscard]] const std::vector<std::size_t>& messages() const { return messages_; }

    /// As a device without checksums does, or a kernel with a path that is too narrow.
    void refuse_segments(int error) { refused_ = error; }

private:
    int send(int fd, mmsghdr* headers, unsigned count, int flags)
    {
        int error = 0;
        if (!script_.empty()) {
            error = script_.front();
            script_.pop_front();
        }
        unsigned good = 0;
        while (good < count && (refused_ == 0 || headers[good].msg_hdr.msg_iovlen == 1)) ++good;
        if (error == 0 && good == 0) error = refused_;
        if (error != 0) {
            errno = error;
            return -1;
        }
        const int sent = ::sendmmsg(fd, headers, good, flags);
        for (int n = 0; n < sent; ++n) messages_.push_back(headers[n].msg_hdr.msg_iovlen);
        return sent;
    }

    static inline counted_calls* current_ = nullptr;
    std::deque<int> script_;
    int refused_ = 0;
    std::vector<std::size_t> messages_;
};

struct peers {
    static constexpr transport::socket_options large{.receive_buffer_bytes = 4'194'304};

    udp_socket server = udp_socket::bind(loopback_v4(1), large);
    udp_socket first = udp_socket::bind(loopback_v4(2), large);
    udp_socket second = udp_socket::bind(loopback_v4(3), large);
    wire::path to_first{server.local_endpoint(), first.local_endpoint()};
    wire::path to_second{server.local_endpoint(), second.local_endpoint()};

    peers() { REQUIRE(server.max_segment() > 0); }  // any kernel since 4.18
};

std::string numbered(int n, std::size_t size)
{
    auto text = std::to_string(n);
    text.resize(std::max(size, text.size()), '.');
    return text;
}

std::vector<std::string> texts(udp_socket& socket, std::size_t count, std::size_t max_bytes = 2'048)
{
    std::vector<std::string> result;
    for (const auto& datagram : receive(socket, count, max_bytes)) result.push_back(datagram.text);
    return result;
}

using sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("segmentation: datagrams of one size to one peer leave in one buffer, the last may be shorter")
{
    peers all;
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    std::vector<std::string> wanted;
    for (int n = 0; n < 5; ++n) wanted.push_back(numbered(n, 100));
    wanted.push_back(numbered(5, 60));
    wanted.push_back(numbered(6, 60));  // behind a shorter one: a buffer of its own
    for (const auto& text : wanted) REQUIRE(batch.push(all.to_first, wire::as_bytes(text)));
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 7);
    CHECK(result.sent_bytes == 620);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 0);
    CHECK(counted.messages() == sizes{6, 1});
    CHECK(texts(all.first, 7) == wanted);
}

TEST_CASE("segmentation: those of one peer need not stand side by side, and keep their order")
{
    peers all;
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    std::vector<std::string> wanted;
    for (int n = 0; n < 10; ++n) {
        wanted.push_back(numbered(n, 100));
        REQUIRE(batch.push(all.to_first, wire::as_bytes(wanted.back())));
        REQUIRE(batch.push(all.to_second, wire::as_bytes(wanted.back())));
    }
    CHECK(batch.flush(all.server).sent == 20);
    CHECK(counted.messages() == sizes{10, 10});
    CHECK(texts(all.first, 10) == wanted);
    CHECK(texts(all.second, 10) == wanted);
}

TEST_CASE("segmentation: no more than 64 datagrams or one IP packet in a buffer")
{
    peers all;
    counted_calls counted;
    send_batch batch{1'000, counted.calls()};
    SECTION("many")
    {
        for (int n = 0; n < 100; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 10))));
        CHECK(batch.flush(all.server).sent == 100);
        CHECK(counted.messages() == sizes{64, 36});
        CHECK(receive(all.first, 100).size() == 100);
    }
    SECTION("large")
    {
        for (int n = 0; n < 8; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 16'000))));
        CHECK(batch.flush(all.server).sent == 8);
        CHECK(counted.messages() == sizes{4, 4});
        CHECK(receive(all.first, 8, 20'000).size() == 8);
    }
}

TEST_CASE("segmentation: an empty datagram goes alone")
{
    peers all;
    counted_calls counted;
    send_batch batch{10, counted.calls()};
    for (const auto* text : {"", "", "a", "b"}) REQUIRE(batch.push(all.to_first, wire::as_bytes(text)));
    CHECK(batch.flush(all.server).sent == 4);
    CHECK(counted.messages() == sizes{1, 1, 2});
    CHECK(texts(all.first, 4) == std::vector<std::string>{"", "", "a", "b"});
}

TEST_CASE("segmentation: the address it leaves from is right for each, also of IPv6 and wildcards")
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

TEST_CASE("segmentation: a connected socket does it too")
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

TEST_CASE("segmentation: not asked for, each datagram goes alone")
{
    auto server = udp_socket::bind(loopback_v4(1), {.segmentation = false});
    auto client = udp_socket::bind(loopback_v4(2));
    CHECK(server.max_segment() == 0);
    counted_calls counted;
    send_batch batch{10, counted.calls()};
    for (int n = 0; n < 3; ++n)
        REQUIRE(batch.push({server.local_endpoint(), client.local_endpoint()}, wire::as_bytes("same")));
    CHECK(batch.flush(server).sent == 3);
    CHECK(counted.messages() == sizes{1, 1, 1});
}

TEST_CASE("segmentation: where a device cannot, the datagrams go one by one, and all later ones")
{
    const int fault = GENERATE(EIO, EOPNOTSUPP);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted;
    counted.refuse_segments(fault);
    send_batch batch{100, counted.calls()};
    std::vector<std::string> wanted;
    for (int n = 0; n < 10; ++n) {
        wanted.push_back(numbered(n, 100));
        REQUIRE(batch.push(all.to_first, wire::as_bytes(wanted.back())));
        REQUIRE(batch.push(all.to_second, wire::as_bytes(wanted.back())));
    }
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 20);
    CHECK(result.sent_bytes == 2'000);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 2);
    CHECK(all.server.max_segment() == 0);
    CHECK(texts(all.first, 10) == wanted);
    CHECK(texts(all.second, 10) == wanted);

    for (int n = 0; n < 2; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes("later")));
    CHECK(batch.flush(all.server).runs_refused == 0);
    CHECK(counted.messages() == sizes(22, 1));
}

TEST_CASE("segmentation: what does not fit the path is not tried again at that size, and smaller ones are")
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
    CHECK(all.server.max_segment() == 99);
    CHECK(receive(all.first, 3).size() == 3);

    for (const std::size_t size : {100u, 100u, 99u, 99u, 99u})
        REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(0, size))));
    CHECK(batch.flush(all.server).sent == 5);
    CHECK(counted.messages() == sizes{1, 1, 1, 1, 1, 3});
    CHECK(receive(all.first, 5).size() == 5);
}

TEST_CASE("segmentation: datagrams that cannot go alone either say nothing about buffers")
{
    peers all;
    const wire::path to_port_0{all.server.local_endpoint(), loopback_v4(2, 0)};
    counted_calls counted;
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(to_port_0, wire::as_bytes("bad")));
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    const auto before = all.server.max_segment();
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.failed == 3);
    CHECK(result.runs_refused == 1);
    CHECK(all.server.max_segment() == before);
    CHECK(counted.messages() == sizes{3});
    CHECK(receive(all.first, 3).size() == 3);
}

TEST_CASE("segmentation: any other error of a buffer costs a call, and not its datagrams")
{
    const int fault = GENERATE(ENOBUFS, ENOMEM, EPERM);
    INFO(std::strerror(fault));
    peers all;
    counted_calls counted{{fault}};
    send_batch batch{100, counted.calls()};
    for (int n = 0; n < 3; ++n) REQUIRE(batch.push(all.to_first, wire::as_bytes(numbered(n, 50))));
    const auto before = all.server.max_segment();
    const auto result = batch.flush(all.server);
    CHECK(result.sent == 3);
    CHECK(result.failed == 0);
    CHECK(result.runs_refused == 1);
    CHECK(all.server.max_segment() == before);
    CHECK(receive(all.first, 3).size() == 3);
}

TEST_CASE("segmentation: interruptions and what ICMP left cost a try")
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

TEST_CASE(
    "segmentation: when the kernel takes no more, what is left goes later, in order, with what came then")
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

    // The first peer's two go one by one after an error, the second's together.
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

TEST_CASE("segmentation: whatever fails, each datagram is sent or counted, and none overtakes its peer's")
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
    std::map<std::uint16_t, std::vector<int>> seen;
    for (int round = 0; round < 40; ++round) {
        for (auto left = below(60); left > 0; --left) {
            const std::size_t size = below(4) == 0 ? below(300) : 100;
            const auto& path = below(2) == 0 ? all.to_first : all.to_second;
            pushed += batch.push(path, wire::as_bytes(numbered(static_cast<int>(1'000'000 + pushed), size)))
                          ? 1
                          : 0;
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
