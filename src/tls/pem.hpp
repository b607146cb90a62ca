#pragma once

#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::tls {

/// PEM text, and what to call the place that it came from.
struct pem_text {
    std::string place;
    datum file;  ///< owns the text when it came from a file
    std::string_view text;
};

/// The text of a certificate's chain (`file_use::certificates`) or key, which is given either as a file or as
/// the text itself.
[[nodiscard]] std::optional<pem_text> read_pem(file_use use, const std::string& file, const std::string& text,
                                               problem_list& problems);

/// The certificates, each followed by the one of who issued it. Empty when there is none that can be read.
[[nodiscard]] std::vector<x509_certificate> parse_chain(const pem_text& source, problem_list& problems);

/// Null when there is no key that can be read.
[[nodiscard]] x509_private_key parse_key(const pem_text& source, problem_list& problems);

}  // namespace quivive::tls
