#pragma once

#include "gate/keyed_hash.hpp"
#include "tls/random.hpp"
#include "wire/bytes.hpp"

#include <array>

namespace quivive::detail {

/// A key that nobody knows, for one table. Throws as `tls::fill_random` does.
inline gate::hash_key random_hash_key()
{
    std::array<std::byte, 16> bytes;
    tls::fill_random(bytes);
    wire::reader in{bytes};
    const auto k0 = in.integer(8);
    return {k0, in.integer(8)};
}

}  // namespace quivive::detail
