#pragma once

#include "tls/handles.hpp"
#include "wire/client_hello.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// The key of a server's certificate, as far as clients must suit it.
class certificate_key {
public:
    certificate_key() noexcept = default;  ///< none
    explicit certificate_key(gnutls_x509_privkey_t key);

    /// Whether it signs in suites with this key exchange.
    [[nodiscard]] bool suits(gnutls_kx_algorithm_t exchange) const noexcept;
    /// Whether the client takes an ECDSA key on its curve (RFC 8422 5.1). EdDSA keys are a matter of
    /// signature algorithms alone, which GnuTLS looks at.
    [[nodiscard]] bool suits(const wire::client_hello_view& hello) const noexcept;

    /// Says if it costs much, and which clients it shuts out under these priorities; one sentence each.
    [[nodiscard]] std::vector<std::string> warnings(gnutls_priority_t priority) const;

private:
    [[nodiscard]] bool has_signature_in(gnutls_priority_t priority) const noexcept;

    gnutls_pk_algorithm_t algorithm_ = GNUTLS_PK_UNKNOWN;
    std::uint16_t group_ = 0;  ///< the number of its curve (RFC 8422 5.1.1); 0: none that a client must name
};

}  // namespace quivive::tls
