#pragma once

#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::tls {

/// PEM text, and the name of its source.
struct pem_text {
    std::string place;
    datum file;  ///< owns the text when it is from a file
    std::string_view text;
};

/// Returns the text of a certificate chain (`file_use::certificates`) or key, from a file or from the text
/// itself.
[[nodiscard]] std::optional<pem_text> read_pem(file_use use, const std::string& file, const std::string& text,
                                               problem_list& problems);

/// Returns the certificates, each followed by its issuer's. Empty when none can be read.
[[nodiscard]] std::vector<x509_certificate> parse_chain(const pem_text& source, problem_list& problems);

/// Returns the private key; null when none can be read.
[[nodiscard]] x509_private_key parse_key(const pem_text& source, problem_list& problems);

}  // namespace quivive::tls
