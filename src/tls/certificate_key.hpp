#pragma once

#include "tls/handles.hpp"
#include "wire/client_hello.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// Requirements that the key of a server's certificate places on clients.
class certificate_key {
public:
    certificate_key() noexcept = default;  ///< none
    explicit certificate_key(gnutls_x509_privkey_t key);

    /// Returns true when the key signs in suites with this key exchange.
    [[nodiscard]] bool suits(gnutls_kx_algorithm_t exchange) const noexcept;
    /// Returns true when the client accepts an ECDSA key on its curve (RFC 8422 5.1). EdDSA keys depend only
    /// on signature algorithms, which GnuTLS checks.
    [[nodiscard]] bool suits(const wire::client_hello_view& hello) const noexcept;

    /// Returns one sentence for each problem: that the key is expensive to use, or which clients it excludes
    /// under these priorities.
    [[nodiscard]] std::vector<std::string> warnings(gnutls_priority_t priority) const;

private:
    [[nodiscard]] bool has_signature_in(gnutls_priority_t priority) const noexcept;

    gnutls_pk_algorithm_t algorithm_ = GNUTLS_PK_UNKNOWN;
    std::uint16_t group_ = 0;  ///< number of its curve (RFC 8422 5.1.1); 0: no curve that a client must offer
};

}  // namespace quivive::tls
