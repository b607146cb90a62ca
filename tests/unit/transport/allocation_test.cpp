// Under a flood no memory is allocated beyond what is already in use.

#include "loopback.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<bool> exhausted{false};

}  // namespace

// Catch allocates with the nothrow form of new, and frees with the plain form of delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return exhausted ? nullptr : std::malloc(size);
}
void* operator new(std::size_t size)
{
    if (void* const memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace quivive;
using namespace quivive::test;
using transport::udp_socket;

TEST_CASE("allocation: receiving allocates no memory, however many datagrams arrive")
{
    auto server = udp_socket::bind(any_v6, {.receive_buffer_bytes = 1'048'576});
    auto client = udp_socket::bind(loopback_v4(2));
    transport::receive_batch batch{2'048};
    const std::string text(2'000, 'x');
    std::size_t received = 0;
    std::size_t taken = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 40; ++i)
            send_one(client, {client.local_endpoint(), with_port(loopback_v4(7), server)}, text);
        const auto before = allocations.load();
        for (auto seen = batch.receive(server); !seen.empty(); seen = batch.receive(server))
            received += seen.size();
        taken += allocations - before;
    }
    CHECK(received == 800);
    CHECK(taken == 0);
}

TEST_CASE("allocation: sending allocates no memory once its slots have been used, even for large datagrams")
{
    auto server = udp_socket::bind(any_v6);
    auto peer = udp_socket::bind(loopback_v4(2));
    const wire::path path{with_port(loopback_v4(7), server), peer.local_endpoint()};
    const std::string small(1'200, 's');
    const std::string large(16'384, 'l');
    transport::send_batch batch{4'096};
    const auto taken_by_round = [&] {
        const auto before = allocations.load();
        for (int i = 0; i < 200; ++i)
            if (!batch.push(path, wire::as_bytes(i % 20 == 0 ? large : small))) return SIZE_MAX;
        (void)batch.flush(server);
        return allocations - before;
    };
    CHECK(taken_by_round() > 0);                                            // checks that the counter works
    for (int round = 0; round < 3; ++round) CHECK(taken_by_round() <= 10);  // large ones use new slots
    for (int round = 0; round < 5; ++round) CHECK(taken_by_round() == 0);
}

TEST_CASE("allocation: a queue allocates memory by the block, not for its whole limit")
{
    const auto before = allocations.load();
    transport::send_queue queue{1'000'000};
    CHECK(allocations == before);
    REQUIRE(queue.push({}, wire::as_bytes("x")));
    const auto first = allocations.load();
    for (int i = 1; i < 64; ++i) REQUIRE(queue.push({}, wire::as_bytes("x")));
    CHECK(allocations == first);
}

TEST_CASE("allocation: an empty queue frees the memory of a burst, except what a busy turn needs")
{
    transport::send_queue queue{10'000};
    const auto fill = [&](int count) {
        const auto before = allocations.load();
        for (int i = 0; i < count; ++i)
            if (!queue.push({}, wire::as_bytes("x"))) return SIZE_MAX;
        return allocations - before;
    };
    CHECK(fill(10'000) > 100);
    queue.pop(queue.size());
    CHECK(fill(256) == 0);
    CHECK(fill(1) == 1);
}

TEST_CASE("allocation: when memory is exhausted a datagram is refused and the queued ones remain")
{
    const std::string large(4'096, 'l');
    const auto push_without_memory = [](transport::send_queue& queue, wire::bytes datagram) {
        exhausted = true;
        const bool pushed = queue.push({}, datagram);
        exhausted = false;
        return pushed;
    };
    transport::send_queue queue{1'000};
    CHECK_FALSE(push_without_memory(queue, wire::as_bytes("no block")));
    REQUIRE(queue.push({}, wire::as_bytes("first")));
    CHECK_FALSE(push_without_memory(queue, wire::as_bytes(large)));
    CHECK(push_without_memory(queue, wire::as_bytes("fits")));
    REQUIRE(queue.push({}, wire::as_bytes(large)));
    REQUIRE(queue.size() == 3);
    CHECK(wire::as_text(queue[0].data()) == "first");
    CHECK(wire::as_text(queue[1].data()) == "fits");
    CHECK(wire::as_text(queue[2].data()) == large);
}
