#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace quivive::wire {

/// The compiler is told that somebody may read the zeros: else it may leave out what is written to memory
/// that is about to be freed.
inline void wipe(std::span<std::byte> secret) noexcept
{
    if (secret.empty()) return;
    std::memset(secret.data(), 0, secret.size());
    asm volatile("" : : "r"(secret.data()) : "memory");
}

/// Wipes what it looks after when it dies, also when that is because something has thrown. It is the same
/// memory all the time.
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
