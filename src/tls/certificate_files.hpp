#pragma once

#include "quivive/credentials.hpp"
#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// A certificate chain, the leaf first, and the leaf's private key.
struct key_pair {
    std::vector<x509_certificate> chain;
    x509_private_key key;
    std::vector<std::string> warnings;  ///< result of `warn_of_weakness` for the chain
};

/// Reads and checks a chain and its key. Returns empty on any error, and adds every problem to `problems`:
/// - an unreadable file;
/// - a file that is not PEM, or is encrypted;
/// - a certificate that is not valid today;
/// - a key of another certificate.
[[nodiscard]] std::optional<key_pair> load_certificate(const certificate& source, problem_list& problems);

/// Makes `credentials` trust the certificates of a PEM file. Adds a sentence to `warnings` for each weak one.
void load_trust(gnutls_certificate_credentials_t credentials, const std::string& file, problem_list& problems,
                std::vector<std::string>& warnings);

/// Makes `credentials` present this chain.
void show(gnutls_certificate_credentials_t credentials, const key_pair& pair);

}  // namespace quivive::tls
