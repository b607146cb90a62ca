#pragma once

#include "quivive/credentials.hpp"

namespace quivive::tls {

/// Returns true when clients with a PSK bypass a required certificate, and the configuration does not allow
/// this explicitly.
[[nodiscard]] inline bool psk_undermines_certificates(const server_credentials& credentials) noexcept
{
    const bool has_psk = !credentials.psk_file.empty() || credentials.psk;
    return credentials.client_auth == client_certificates::require && has_psk &&
           !credentials.client_auth_with_psk;
}

/// The problem with `credentials.client_auth` in this case.
inline constexpr const char* psk_undermines_certificates_text =
    "is \"require\", but clients with a PSK get in without a certificate (RFC 4279 2); leave psk_file or the "
    "look-up out, or allow that by client_auth_with_psk = true";

}  // namespace quivive::tls
