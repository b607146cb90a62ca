#pragma once

#include "record/aead.hpp"

namespace quivive::tls {

/// GnuTLS's ciphers, by the `record::aead_maker` of that name. A new key is a new object: GnuTLS 3.7 on x86
/// makes wrong tags after gnutls_aead_cipher_set_key with AES-GCM.
[[nodiscard]] std::unique_ptr<record::aead> make_gnutls_aead(record::cipher which, wire::bytes key) noexcept;

}  // namespace quivive::tls
