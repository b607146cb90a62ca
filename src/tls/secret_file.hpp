#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <optional>
#include <string>

namespace quivive::tls {

/// A secret that several processes share: the bytes of a regular file (a symbolic link to one will do)
/// without the ends of lines at its end. Empty when it cannot be read, somebody else may read or write it (a
/// mode wider than 0600), or it has fewer than 16 bytes or more than 64 KiB; then `problems` has one more.
[[nodiscard]] std::optional<secret> load_secret(const std::string& path, problem_list& problems);

}  // namespace quivive::tls
