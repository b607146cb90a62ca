#pragma once

#include "quivive/error.hpp"

#include <initializer_list>
#include <optional>

namespace quivive::tls {

// Codes by which a callback of GnuTLS ends a handshake for a reason of quivive's. `gnutls_handshake` then
// returns the code. The codes are fatal, and far from GnuTLS's own. Each kind of reason counts down from a
// base.
inline constexpr int base_of_certificate_faults = -100'000, base_of_errc = -200'000,
                     base_of_resumption = -300'000;

[[nodiscard]] constexpr int as_gnutls_code(errc why) noexcept { return base_of_errc - static_cast<int>(why); }

/// Returns the error behind a code of `as_gnutls_code`. No value: the code is none of these.
[[nodiscard]] constexpr std::optional<errc> errc_of_code(int code) noexcept
{
    for (const auto each : {errc::no_extended_master_secret, errc::no_secure_renegotiation})  // all in use
        if (code == as_gnutls_code(each)) return each;
    return std::nullopt;
}

}  // namespace quivive::tls
