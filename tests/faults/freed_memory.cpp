#include "faults/freed_memory.hpp"

#include <algorithm>
#include <atomic>

#include <malloc.h>

namespace quivive::test {

namespace {

constexpr std::byte mask{0x5a};

std::atomic<const std::vector<std::vector<std::byte>>*> wanted{nullptr};
std::atomic<unsigned> with_secret{0}, blocks{0};

}  // namespace

freed_memory::freed_memory()
{
    masked_.reserve(16);  // it must not grow while other threads read it
    with_secret = blocks = 0;
    wanted = &masked_;
}

freed_memory::~freed_memory() { wanted = nullptr; }

void freed_memory::look_for(wire::bytes secret)
{
    auto& added = masked_.emplace_back(secret.begin(), secret.end());
    for (auto& each : added) each ^= mask;
}

unsigned freed_memory::found() noexcept { return with_secret; }
unsigned freed_memory::looked_at() noexcept { return blocks; }

void note_freed(void* memory) noexcept
{
    const auto* const secrets = wanted.load();
    if (secrets == nullptr || memory == nullptr) return;
    const wire::bytes block{static_cast<const std::byte*>(memory), ::malloc_usable_size(memory)};
    const auto is_there = [&](const std::vector<std::byte>& secret) {
        return std::ranges::search(block, secret, {}, {}, [](std::byte one) { return one ^ mask; }).begin() !=
               block.end();
    };
    ++blocks;
    if (std::ranges::any_of(*secrets, is_there)) ++with_secret;
}

}  // namespace quivive::test
