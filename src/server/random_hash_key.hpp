#pragma once

#include "gate/keyed_hash.hpp"
#include "tls/random.hpp"
#include "wire/bytes.hpp"

#include <array>
#include <span>

namespace quivive::runtime {

/// Makes a key from these bytes.
inline gate::hash_key hash_key_from(std::span<const std::byte, 16> bytes) noexcept
{
    wire::reader in{bytes};
    const auto k0 = in.integer(8);
    return {k0, in.integer(8)};
}

/// Makes a random secret key for one table. Throws as `tls::fill_random` does.
inline gate::hash_key random_hash_key()
{
    std::array<std::byte, 16> bytes;
    tls::fill_random(bytes);
    return hash_key_from(bytes);
}

}  // namespace quivive::runtime
