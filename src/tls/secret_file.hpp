#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// Maximum number of secrets in a file.
inline constexpr std::size_t max_secrets = 4;

/// Loads a secret that several processes share: the bytes of a file (`file_use::secret`) without trailing
/// line ends. Returns empty when `read_file` refuses the file, or the secret has fewer than 16 bytes;
/// `problems` then has the reason.
[[nodiscard]] std::optional<secret> load_secret(const std::string& path, problem_list& problems);

/// Loads the secrets of a file; the first is the one in use. A file of printable ASCII has one secret in each
/// line that is not empty, four at most, each of 16 bytes or more. A line ends with LF or CRLF. A file with
/// one such line, or with any other byte, holds one secret, as for `load_secret`. Returns empty on any error;
/// `problems` then has the reason, with the line number. Adds to `warnings` when several lines of text count
/// as one secret.
[[nodiscard]] std::vector<secret> load_secrets(const std::string& path, problem_list& problems,
                                               std::vector<std::string>& warnings);

}  // namespace quivive::tls
