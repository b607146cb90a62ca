#pragma once

#include <cstddef>
#include <span>

namespace quivive::gate {

/// Through a volatile pointer, since a plain loop over memory that is about to be freed may be optimized
/// away.
inline void wipe(std::span<std::byte> secret) noexcept
{
    volatile std::byte* const bytes = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) bytes[i] = std::byte{0};
}

}  // namespace quivive::gate
