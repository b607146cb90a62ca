#pragma once

#include "quivive/error.hpp"
#include "tls/own_codes.hpp"

#include <optional>

namespace quivive::tls {

/// Reason for the rejection of a peer's certificate.
enum class certificate_fault : unsigned char {
    unreadable = 1,  ///< the certificate, or one in its chain, cannot be parsed
    bad_signature,
    unknown_authority,  ///< no trusted authority has signed it
    revoked,
    expired,
    not_valid_yet,
    wrong_use,    ///< issued for another purpose, such as a server certificate used by a client
    weak,         ///< an algorithm or a key that is no longer safe
    wrong_name,   ///< issued for another host
    not_allowed,  ///< its issuer is not allowed to sign it
    not_pinned,   ///< the key differs from the pinned key
    too_large,    ///< the certificate or its chain exceeds the limits of `check_bounds`
    missing,      ///< one is required, and none was sent
};

/// Returns the category of `certificate_fault`. Such an error stays below the server layer, which reports
/// `errc::certificate_rejected` to its users. The message of the error goes to the log.
[[nodiscard]] const boost::system::error_category& certificate_category() noexcept;

[[nodiscard]] inline error_code make_error_code(certificate_fault fault) noexcept
{
    return {static_cast<int>(fault), certificate_category()};
}

/// Returns the most significant of the flags of `gnutls_certificate_verify_peers` (GNUTLS_CERT_...). No
/// value: no flag is set, and the certificate is good.
[[nodiscard]] std::optional<certificate_fault> fault_of_status(unsigned status) noexcept;

/// Returns the number of the alert for this fault (RFC 5246 7.2.2).
[[nodiscard]] int alert_of(certificate_fault fault) noexcept;

// A verification callback of GnuTLS returns an error code, which `gnutls_handshake` then returns.

[[nodiscard]] constexpr int as_gnutls_code(certificate_fault fault) noexcept
{
    return base_of_certificate_faults - static_cast<int>(fault);
}

/// Returns the fault behind a code of `as_gnutls_code`, or behind GnuTLS's own code for a rejected
/// certificate. No value: the code is neither.
[[nodiscard]] std::optional<certificate_fault> fault_of_code(int code) noexcept;

}  // namespace quivive::tls
