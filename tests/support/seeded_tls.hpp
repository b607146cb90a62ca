#pragma once

#include "wire/time.hpp"

#include <cstdint>

namespace quivive::test {

/// From now on all of GnuTLS's randomness follows from `seed`: keys, nonces, signatures.
void seed_tls_random(std::uint64_t seed) noexcept;

/// From now on GnuTLS's clock is `*now`, which must outlive its use; a null gives the real one back.
void use_tls_clock(const time_point* now) noexcept;

/// Whether handshakes that begin from now on offer, or agree on, the return routability check (RFC 9853 3).
/// They do at first.
void know_path_checks(bool known) noexcept;

}  // namespace quivive::test
