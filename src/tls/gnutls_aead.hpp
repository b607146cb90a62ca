#pragma once

#include "record/aead.hpp"

namespace quivive::tls {

/// Creates one of GnuTLS's ciphers, as a `record::aead_maker`. Each key needs a new object: GnuTLS 3.7 on x86
/// produces wrong tags after gnutls_aead_cipher_set_key with AES-GCM.
[[nodiscard]] std::unique_ptr<record::aead> make_gnutls_aead(record::cipher which, wire::bytes key) noexcept;

}  // namespace quivive::tls
