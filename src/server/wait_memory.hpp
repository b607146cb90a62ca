#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>

namespace quivive::runtime {

/// Memory for one operation at a time, which waits again and again. The heap serves further operations. Asio
/// has a cache of used blocks for this. A waiting session, however, would take such a block for a handler of
/// a sixth of its size, and keep it. A bound std::allocator does not avoid that cache: Asio treats it as no
/// allocator at all.
class wait_memory final : public std::pmr::memory_resource {
public:
    wait_memory() = default;
    wait_memory(const wait_memory&) = delete;
    wait_memory& operator=(const wait_memory&) = delete;

    [[nodiscard]] std::pmr::polymorphic_allocator<> allocator() noexcept { return {this}; }

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        const bool fits = bytes <= block_.size() && alignment <= alignof(std::max_align_t);
        if (fits && !std::exchange(taken_, true)) return block_.data();
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override
    {
        if (memory == block_.data())
            taken_ = false;
        else
            std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override
    {
        return this == &other;
    }

    alignas(std::max_align_t) std::array<std::byte, 256> block_;
    bool taken_ = false;
};

}  // namespace quivive::runtime
