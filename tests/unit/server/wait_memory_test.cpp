// Memory for an operation that waits repeatedly.
#include "server/wait_memory.hpp"

#include "support/allocated.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <cstring>

using namespace quivive;

TEST_CASE(
    "memory of waiting operations: successive operations reuse one block, and a concurrent one uses the heap")
{
    runtime::wait_memory memory;
    auto bytes = memory.allocator();
    auto* const first = bytes.allocate_bytes(232);
    auto* const beside = bytes.allocate_bytes(232);
    CHECK(first != beside);
    std::memset(first, 1, 232);
    std::memset(beside, 2, 232);
    CHECK(*static_cast<char*>(first) == 1);
    bytes.deallocate_bytes(first, 232);
    CHECK(bytes.allocate_bytes(200) == first);
    bytes.deallocate_bytes(beside, 232);
    bytes.deallocate_bytes(first, 200);

    const auto before = test::allocated();
    bool same = true;
    for (int i = 0; i < 100; ++i) {
        auto* const again = bytes.allocate_bytes(232);
        same = same && again == first;
        bytes.deallocate_bytes(again, 232);
    }
    const auto after = test::allocated();
    CHECK(same);
    CHECK(after == before);
}

TEST_CASE("memory of waiting operations: large or over-aligned blocks come from the heap")
{
    runtime::wait_memory memory;
    auto bytes = memory.allocator();
    auto* const large = bytes.allocate_bytes(100'000);
    std::memset(large, 1, 100'000);
    auto* const aligned = bytes.allocate_bytes(64, 256);
    CHECK(reinterpret_cast<std::uintptr_t>(aligned) % 256 == 0);
    auto* const small = bytes.allocate_bytes(16);
    CHECK(small != large);
    CHECK(small != aligned);
    bytes.deallocate_bytes(small, 16);
    bytes.deallocate_bytes(aligned, 64, 256);
    bytes.deallocate_bytes(large, 100'000);
}
