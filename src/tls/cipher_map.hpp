#pragma once

#include "record/cipher.hpp"

#include <gnutls/gnutls.h>

#include <optional>

namespace quivive::tls {

// GnuTLS's names for the ciphers of quivive's record layer.

[[nodiscard]] constexpr gnutls_cipher_algorithm_t algorithm_of(record::cipher which) noexcept
{
    switch (which) {
        case record::cipher::aes_128_gcm:
            return GNUTLS_CIPHER_AES_128_GCM;
        case record::cipher::aes_256_gcm:
            return GNUTLS_CIPHER_AES_256_GCM;
        case record::cipher::aes_128_ccm:
            return GNUTLS_CIPHER_AES_128_CCM;
        case record::cipher::aes_256_ccm:
            return GNUTLS_CIPHER_AES_256_CCM;
        case record::cipher::aes_128_ccm_8:
            return GNUTLS_CIPHER_AES_128_CCM_8;
        case record::cipher::aes_256_ccm_8:
            return GNUTLS_CIPHER_AES_256_CCM_8;
        case record::cipher::chacha20_poly1305:
            break;
    }
    return GNUTLS_CIPHER_CHACHA20_POLY1305;
}

/// Returns the record layer's cipher. Empty: the record layer does not have it. Some AEAD ciphers are missing
/// too, such as CAMELLIA-GCM.
[[nodiscard]] constexpr std::optional<record::cipher> cipher_of(gnutls_cipher_algorithm_t algorithm) noexcept
{
    for (const auto cipher : record::all_ciphers)
        if (algorithm_of(cipher) == algorithm) return cipher;
    return std::nullopt;
}

}  // namespace quivive::tls
