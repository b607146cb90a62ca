#pragma once

#include "wire/wipe.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace quivive::wire {

/// Allocator that wipes memory before it is freed, also when a container reallocates.
template <typename T>
struct wiping_allocator : std::allocator<T> {
    wiping_allocator() = default;
    template <typename Other>
    explicit wiping_allocator(const wiping_allocator<Other>&) noexcept
    {
    }
    template <typename Other>
    struct rebind {
        using other = wiping_allocator<Other>;
    };
    void deallocate(T* memory, std::size_t count) noexcept
    {
        wipe(std::as_writable_bytes(std::span{memory, count}));
        std::allocator<T>::deallocate(memory, count);
    }
};

/// Bytes that are wiped when freed: keys and plaintexts.
using secret_bytes = std::vector<std::byte, wiping_allocator<std::byte>>;

}  // namespace quivive::wire
