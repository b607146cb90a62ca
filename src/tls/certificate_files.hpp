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
    std::vector<std::string> warnings;  ///< `warn_of_weakness` of the chain
};

/// Reads and checks a chain and its key. Empty when anything is wrong with them; then `problems` has it all:
/// what cannot be read, is not PEM, is encrypted, is not valid today, or does not belong together.
[[nodiscard]] std::optional<key_pair> load_certificate(const certificate& source, problem_list& problems);

/// Has `credentials` trust the certificates of a PEM file. `warnings`: of weak ones.
void load_trust(gnutls_certificate_credentials_t credentials, const std::string& file, problem_list& problems,
                std::vector<std::string>& warnings);

/// Has `credentials` show this chain.
void show(gnutls_certificate_credentials_t credentials, const key_pair& pair);

}  // namespace quivive::tls
