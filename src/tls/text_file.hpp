#pragma once

#include "tls/file_rules.hpp"
#include "tls/handles.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// What is wrong with a configuration, one sentence each; thrown together as `config_error`.
using problem_list = std::vector<std::string>;

/// The bytes of a regular file; they may be keys, so no copy of them is left behind. Empty when it cannot be
/// read, is too large for its use (64 KiB for a secret, else 1 GiB), has nothing in it, or when `find_faults`
/// has something against it; then `problems` has more.
///
/// The file is opened first and then judged by what was opened, so that nobody can put another one in its
/// place meanwhile. Symbolic links are followed, as Kubernetes mounts are made of them. A pipe is not waited
/// for.
[[nodiscard]] std::optional<datum> read_file(const std::string& path, file_use use, problem_list& problems);

/// Judges the folder of `server_config::state`. A folder that is missing is none: it will be made.
void check_state_folder(const std::string& path, problem_list& problems);
/// The same, open as `folder`.
void check_state_folder(int folder, const std::string& path, problem_list& problems);

}  // namespace quivive::tls
