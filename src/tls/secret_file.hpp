#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// As many as a file may hold.
inline constexpr std::size_t max_secrets = 4;

/// A secret that several processes share: the bytes of a file (`file_use::secret`) without the ends of lines
/// at its end. Empty when `read_file` refuses it, or it has fewer than 16 bytes; then `problems` has more.
[[nodiscard]] std::optional<secret> load_secret(const std::string& path, problem_list& problems);

/// The secrets of a file, the first of which is to be used. A file of printable ASCII has one in each line
/// that is not empty, four at most, each of 16 bytes or more; a line ends with LF or CRLF. A file with one
/// such line, or with any other byte, holds one secret: `load_secret` of it. Empty when anything is wrong;
/// then `problems` has more, with the number of the line. `warnings` has more when several lines of text were
/// taken for one secret.
[[nodiscard]] std::vector<secret> load_secrets(const std::string& path, problem_list& problems,
                                               std::vector<std::string>& warnings);

}  // namespace quivive::tls
