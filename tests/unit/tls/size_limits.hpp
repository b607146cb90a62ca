#pragma once

#include "support/certificates.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace quivive::test {

/// Returns settings for detached or attached records.
inline tls::handshake_settings of_layer(bool detached)
{
    tls::handshake_settings settings;
    if (detached) settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
    return settings;
}

/// Returns the context of a server whose certificate has this many additional names of some 150 bytes each.
/// GnuTLS takes time proportional to the square of their number.
inline std::shared_ptr<const tls::context> context_with_names(std::size_t names)
{
    certificate_spec spec;
    const auto domain = "." + std::string(63, 'a') + "." + std::string(63, 'b') + ".example.org";
    for (std::size_t i = 0; i < names; ++i) spec.dns_names.push_back("host" + std::to_string(i) + domain);
    server_credentials credentials;
    credentials.certificate = make_certificate(spec).in_memory();
    return tls::make_server_context(credentials, {});
}

}  // namespace quivive::test
