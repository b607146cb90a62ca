#pragma once

#include "quivive/credentials.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive::test {

enum class key_type { p256, p384, rsa, weak_rsa, rsa_pss, ed25519, ed448 };  // weak: of 1024 bits

/// Properties of a test certificate. Every member has a valid default.
struct certificate_spec {
    std::string name = "localhost";                      ///< the subject's common name
    std::vector<std::string> dns_names = {"localhost"};  ///< subject alternative names
    std::vector<std::vector<unsigned char>> addresses = {{127, 0, 0, 1}};
    key_type key = key_type::p256;
    int days_from = -1;  ///< validity starts this many days from now
    int days_to = 30;    ///< validity ends this many days from now
    bool is_ca = false;
    const char* purpose = nullptr;  ///< an extended key usage (GNUTLS_KP_...); null: any
    bool sha1 = false;              ///< the signature uses SHA-1
    std::size_t padding = 0;        ///< bytes of an unknown extension
};

/// A certificate and its key, in PEM.
struct issued {
    std::string certificate;
    std::string key;

    /// Returns the pair as a user's configuration contains it; `issuers` are appended to the chain.
    [[nodiscard]] quivive::certificate in_memory(const std::string& issuers = {}) const
    {
        return {.chain_file = {}, .key_file = {}, .chain_pem = certificate + issuers, .key_pem = key};
    }
};

/// Makes a certificate signed by `issuer`, or a self-signed one.
[[nodiscard]] issued make_certificate(const certificate_spec& spec = {});
[[nodiscard]] issued make_certificate(const issued& issuer, const certificate_spec& spec = {});

/// Makes a self-signed certificate authority.
[[nodiscard]] issued make_ca(const std::string& name = "quivive test CA");

/// Returns the key in PKCS #8, encrypted with a passphrase.
[[nodiscard]] std::string encrypted_key(const issued& pair, const std::string& passphrase);

}  // namespace quivive::test
