#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace quivive::wire {

/// Through a volatile pointer, since a plain loop over memory that is about to be freed may be optimized
/// away.
inline void wipe(std::span<std::byte> secret) noexcept
{
    volatile std::byte* const out = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) out[i] = std::byte{0};
}

/// Wipes what it looks after when it dies, also when that is because something has thrown.
class wiper {
public:
    explicit wiper(std::vector<std::byte>& secret) noexcept : secret_{secret} {}
    ~wiper() { wipe(secret_); }
    wiper(const wiper&) = delete;
    wiper& operator=(const wiper&) = delete;

private:
    std::vector<std::byte>& secret_;
};

}  // namespace quivive::wire
