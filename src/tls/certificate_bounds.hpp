#pragma once

#include "tls/certificate_fault.hpp"
#include "wire/bytes.hpp"

#include <optional>

namespace quivive::tls {

/// What is wrong with the size of a Certificate message (RFC 5246 7.4.2), before GnuTLS reads it; empty: it
/// may. Each name of a certificate costs libtasn1 and GnuTLS ten microseconds, and each more the more there
/// are in versions of libtasn1 before CVE-2024-12133 was mended; a signature by an RSA key of 16 384 bits
/// with an exponent as large takes seconds. All of it comes before anything is known of the peer. So a chain
/// has bounds: 1 024 elements of ASN.1, and in its extensions 512 more, of which an extended key usage has 32
/// purposes; not more than 32 in one another; no number of more than 8 192 bits, and an RSA exponent of 256.
/// Each element lies within the one that holds it, or the certificate is `unreadable`: libtasn1 would take
/// some for opaque, and read on where they end. Costs one pass over the bytes. What is no list of
/// certificates is left for GnuTLS to refuse.
[[nodiscard]] std::optional<certificate_fault> check_bounds(wire::bytes certificate_message) noexcept;

}  // namespace quivive::tls
