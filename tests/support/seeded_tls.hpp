#pragma once

#include "wire/time.hpp"

#include <cstdint>

namespace quivive::test {

/// Derives all of GnuTLS's randomness from `seed` from now on: keys, nonces, signatures.
void seed_tls_random(std::uint64_t seed) noexcept;

/// Makes `*now` GnuTLS's clock from now on; it must outlive its use. A null pointer restores the real
/// clock.
void use_tls_clock(const time_point* now) noexcept;

/// Sets whether new handshakes offer or accept the return routability check (RFC 9853 3). They do by
/// default.
void know_path_checks(bool known) noexcept;

}  // namespace quivive::test
