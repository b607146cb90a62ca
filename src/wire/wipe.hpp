#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace quivive::wire {

/// Overwrites `secret` with zeros. The empty assembler statement counts as a read. Without it, the compiler
/// may optimise away stores to memory that is about to be freed.
inline void wipe(std::span<std::byte> secret) noexcept
{
    if (secret.empty()) return;
    std::memset(secret.data(), 0, secret.size());
    asm volatile("" : : "r"(secret.data()) : "memory");
}

/// Scope guard that wipes a range of memory on destruction, also after an exception. The memory must not be
/// moved or freed before that.
class wiper {
public:
    explicit wiper(std::span<std::byte> secret) noexcept : secret_{secret} {}
    ~wiper() { wipe(secret_); }
    wiper(const wiper&) = delete;
    wiper& operator=(const wiper&) = delete;

private:
    std::span<std::byte> secret_;
};

}  // namespace quivive::wire
