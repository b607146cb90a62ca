#pragma once

#include "quivive/credentials.hpp"
#include "tls/context.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace quivive::bench {

// All servers do the same work: one suite, X25519. P-256 is listed for the certificate: without it OpenSSL
// would not use the certificate (RFC 8422 5.1).
inline constexpr auto certificate_priority =
    "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+AES-128-GCM:-KX-ALL:+ECDHE-ECDSA"
    ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1";
inline constexpr auto psk_priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+AES-128-GCM:-KX-ALL:+PSK";

/// Returns the credentials of a client that accepts any certificate, or that has the PSK of
/// "IDENTITY:HEXKEY".
inline client_credentials credentials_of(const std::string& psk)
{
    client_credentials credentials;
    credentials.insecure = psk.empty();
    if (psk.empty()) return credentials;
    const auto colon = psk.find(':');
    const auto key = secret::from_hex(colon == std::string::npos ? "" : psk.substr(colon + 1));
    if (!key) throw std::invalid_argument{"--psk: not IDENTITY:HEXKEY"};
    credentials.psk_identity = psk.substr(0, colon);
    credentials.psk_key = *key;
    return credentials;
}

inline const char* priority_of(const std::string& psk)
{
    return psk.empty() ? certificate_priority : psk_priority;
}

/// Returns a context with the same settings, for clients that drive their handshakes themselves.
inline std::shared_ptr<const tls::context> make_client_context(const std::string& psk)
{
    tls::context_options options;
    options.priority = priority_of(psk);
    return tls::make_client_context(credentials_of(psk), options);
}

}  // namespace quivive::bench
