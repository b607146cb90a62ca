#pragma once

#include "quivive/error.hpp"
#include "tls/own_codes.hpp"

#include <optional>

namespace quivive::tls {

/// Why a peer's certificate was rejected.
enum class certificate_fault : unsigned char {
    unreadable = 1,  ///< it, or what vouches for it, cannot be parsed
    bad_signature,
    unknown_authority,  ///< no authority that is trusted has signed it
    revoked,
    expired,
    not_valid_yet,
    wrong_use,    ///< it is for another purpose: a server's as a client's, say
    weak,         ///< an algorithm or a key that is no longer safe
    wrong_name,   ///< another host's
    not_allowed,  ///< its authority may not vouch for it
    not_pinned,   ///< another key than the pin
    too_large,    ///< it, or its chain, is larger than is looked at (`check_bounds`)
    missing,      ///< one is required, and none was sent
};

/// The category of `certificate_fault`. An error of it stays below the server layer, whose users are told
/// `errc::certificate_rejected`; its message goes to the log.
[[nodiscard]] const boost::system::error_category& certificate_category() noexcept;

[[nodiscard]] inline error_code make_error_code(certificate_fault fault) noexcept
{
    return {static_cast<int>(fault), certificate_category()};
}

/// The most telling one of the flags of `gnutls_certificate_verify_peers` (GNUTLS_CERT_...). No value: there
/// is none, the certificate is good.
[[nodiscard]] std::optional<certificate_fault> fault_of_status(unsigned status) noexcept;

/// RFC 5246 7.2.2: the number of the alert that says so.
[[nodiscard]] int alert_of(certificate_fault fault) noexcept;

// A callback of GnuTLS that verifies has a number to give, which `gnutls_handshake` then returns.

[[nodiscard]] constexpr int as_gnutls_code(certificate_fault fault) noexcept
{
    return base_of_certificate_faults - static_cast<int>(fault);
}

/// The fault behind a code of `as_gnutls_code`, or behind GnuTLS's own for a rejected certificate. No value:
/// it is neither.
[[nodiscard]] std::optional<certificate_fault> fault_of_code(int code) noexcept;

}  // namespace quivive::tls
