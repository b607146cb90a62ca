#include "transport/send_queue.hpp"

#include "loopback.hpp"

using namespace quivive;
using namespace quivive::test;
using transport::send_queue;

namespace {

wire::path path_to(std::size_t n)
{
    return {loopback_v4(1, 4433), loopback_v4(2, static_cast<std::uint16_t>(n)), 0};
}

bool push(send_queue& queue, std::size_t n)
{
    return queue.push(path_to(n), wire::as_bytes(std::to_string(n)));
}

void check_holds(const send_queue& queue, std::size_t from, std::size_t to)
{
    REQUIRE(queue.size() == to - from);
    for (std::size_t n = from; n < to; ++n) {
        INFO(n);
        CHECK(wire::as_text(queue[n - from].data()) == std::to_string(n));
        CHECK(queue[n - from].peer == path_to(n).peer);
        CHECK(queue[n - from].local == path_to(n).local);
    }
}

}  // namespace

TEST_CASE("send queue: it accepts datagrams up to its limit, then refuses and keeps the queued ones")
{
    const std::size_t limit = GENERATE(0u, 1u, 63u, 64u, 65u, 300u);
    send_queue queue{limit};
    for (std::size_t n = 0; n < limit; ++n) REQUIRE(push(queue, n));
    CHECK_FALSE(push(queue, limit));
    check_holds(queue, 0, limit);
    if (limit == 0) return;
    queue.pop(1);
    CHECK(push(queue, limit));
    CHECK_FALSE(push(queue, limit + 1));
    check_holds(queue, 1, limit + 1);
}

TEST_CASE("send queue: the order is kept while it grows, wraps around and shrinks")
{
    send_queue queue{500};
    std::size_t in = 0;
    std::size_t out = 0;
    for (const auto& [pushed, popped] : std::initializer_list<std::pair<std::size_t, std::size_t>>{
             {10, 3}, {100, 50}, {1, 57}, {1, 0}, {430, 64}, {64, 128}, {128, 432}, {70, 1}, {200, 129}}) {
        for (std::size_t i = 0; i < pushed; ++i) REQUIRE(push(queue, in++));
        queue.pop(popped);
        out += popped;
        check_holds(queue, out, in);
    }
    queue.pop(queue.size());
    CHECK(queue.empty());
    REQUIRE(push(queue, in));
    check_holds(queue, in, in + 1);
}

TEST_CASE("send queue: a slot holds small and large datagrams in turn")
{
    send_queue queue{1};
    for (const std::size_t size : {0u, 1u, 65'507u, 2'048u, 2'049u, 10u, 3'000u}) {
        const std::string text(size, static_cast<char>('a' + size % 26));
        REQUIRE(queue.push(path_to(size), wire::as_bytes(text)));
        CHECK(wire::as_text(queue[0].data()) == text);
        queue.pop(1);
    }
}
