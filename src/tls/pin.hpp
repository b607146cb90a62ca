#pragma once

#include "tls/handles.hpp"

#include <string>
#include <string_view>

namespace quivive::tls {

/// Returns `sha256:<base64>` of the certificate's SubjectPublicKeyInfo in DER. The pin stays the same when a
/// certificate is renewed for the same key. The digest is that of RFC 7469 2.4.
[[nodiscard]] std::string pin_of(gnutls_x509_crt_t certificate);

/// Returns the pin of the certificate by which the peer authenticated; empty when it has presented none.
[[nodiscard]] std::string pin_of_peer(gnutls_session_t session);

/// Returns the peer's own certificate, the first of its chain; null when it has presented none.
[[nodiscard]] x509_certificate peer_certificate(gnutls_session_t session);

/// Returns true when `text` is a pin, in exactly the form of `pin_of`.
[[nodiscard]] bool is_pin(std::string_view text);

}  // namespace quivive::tls
