#pragma once

#include "tls/handles.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// What is wrong with a configuration, one sentence each; thrown together as `config_error`.
using problem_list = std::vector<std::string>;

/// The bytes of a file; they may be keys, so no copy of them is left behind. Empty when it cannot be read or
/// has nothing in it; then `problems` has one more.
[[nodiscard]] std::optional<datum> read_file(const std::string& path, problem_list& problems);

}  // namespace quivive::tls
