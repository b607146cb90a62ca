#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>

namespace quivive::tls {

/// A secret that several processes share: the bytes of a file (`file_use::secret`) without the ends of lines
/// at its end. Empty when `read_file` refuses it, or it has fewer than 16 bytes; then `problems` has more.
[[nodiscard]] std::optional<secret> load_secret(const std::string& path, problem_list& problems);

}  // namespace quivive::tls
