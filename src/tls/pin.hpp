#pragma once

#include "tls/handles.hpp"

#include <string>
#include <string_view>

namespace quivive::tls {

/// "sha256:<base64>" of the SHA-256 of the certificate's SubjectPublicKeyInfo in DER: it stays the same when
/// a certificate is renewed for the same key. The digest is that of RFC 7469 2.4.
[[nodiscard]] std::string pin_of(gnutls_x509_crt_t certificate);

/// The same of the certificate that the peer proved itself with; empty when it has shown none.
[[nodiscard]] std::string pin_of_peer(gnutls_session_t session);

/// The peer's own certificate, the first of its chain; null when it has shown none.
[[nodiscard]] x509_certificate peer_certificate(gnutls_session_t session);

/// Whether `text` is a pin, written exactly as `pin_of` writes it.
[[nodiscard]] bool is_pin(std::string_view text);

}  // namespace quivive::tls
