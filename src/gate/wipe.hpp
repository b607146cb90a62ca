#pragma once

#include "tls/cookie_functions.hpp"

namespace quivive::gate {

/// Through a volatile pointer, since a plain loop over memory that is about to be freed may be optimized
/// away.
inline void wipe(tls::cookie_key& key) noexcept
{
    volatile std::byte* const bytes = key.data();
    for (std::size_t i = 0; i < key.size(); ++i) bytes[i] = std::byte{0};
}

}  // namespace quivive::gate
