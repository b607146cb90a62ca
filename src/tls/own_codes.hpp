#pragma once

#include "quivive/error.hpp"

#include <optional>

namespace quivive::tls {

// What a callback of GnuTLS gives to end a handshake for a reason of ours: a number that `gnutls_handshake`
// then returns. Far from those that GnuTLS and `certificate_fault` have, and fatal.

[[nodiscard]] constexpr int as_gnutls_code(errc why) noexcept { return -200'000 - static_cast<int>(why); }

/// The error behind a code of `as_gnutls_code`. No value: it is none.
[[nodiscard]] constexpr std::optional<errc> errc_of_code(int code) noexcept
{
    constexpr int first = as_gnutls_code(errc::message_size);
    constexpr int last = as_gnutls_code(errc::no_secure_renegotiation);
    if (code > first || code < last) return std::nullopt;
    return static_cast<errc>(-200'000 - code);
}

}  // namespace quivive::tls
