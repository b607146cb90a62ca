#pragma once

#include "wire/time.hpp"

#include <cstdint>

namespace quivive::test {

/// From now on all of GnuTLS's randomness follows from `seed`: keys, nonces, signatures.
void seed_tls_random(std::uint64_t seed) noexcept;

/// From now on GnuTLS's clock is `*now`, which must outlive its use; a null gives the real one back.
void use_tls_clock(const time_point* now) noexcept;

}  // namespace quivive::test
