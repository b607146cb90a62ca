#pragma once

#include "tls/certificate_fault.hpp"
#include "wire/bytes.hpp"

#include <optional>

namespace quivive::tls {

/// Checks the size of a Certificate message (RFC 5246 7.4.2) before GnuTLS reads it. Returns empty when
/// GnuTLS may read it.
///
/// Each name in a certificate costs libtasn1 and GnuTLS ten microseconds. The cost of each grows with their
/// number in libtasn1 versions without the fix for CVE-2024-12133. A signature by an RSA key of 16 384 bits
/// with an exponent as large takes seconds. All of this cost arises before the peer is authenticated, so a
/// chain has limits:
/// - 1 024 ASN.1 elements, and 512 more in its extensions; an extended key usage has 32 purposes;
/// - a nesting depth of 32;
/// - 8 192 bits for a number, and 256 for an RSA exponent.
///
/// Each element must lie within its parent, or the certificate is `unreadable`: libtasn1 would treat some as
/// opaque, and continue at their end. The check costs one pass over the bytes. GnuTLS refuses a message that
/// is no list of certificates.
[[nodiscard]] std::optional<certificate_fault> check_bounds(wire::bytes certificate_message) noexcept;

}  // namespace quivive::tls
