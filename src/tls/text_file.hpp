#pragma once

#include "tls/file_rules.hpp"
#include "tls/handles.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// The problems of a configuration, one sentence each; thrown together as `config_error`.
using problem_list = std::vector<std::string>;

/// Reads the bytes of a regular file. They may be keys, so no copy of them remains in memory. Returns empty
/// in these cases, and adds the reason to `problems`:
/// - the file is not a regular file, cannot be read, or is empty;
/// - it is too large for its use (64 KiB for a secret, 1 GiB for others);
/// - it grows while it is read;
/// - `find_faults` reports a fault.
///
/// The function opens the file first and then checks the open file, so that no one can replace it in the
/// meantime. Symbolic links are followed, since Kubernetes mounts consist of them. The function does not wait
/// for a pipe.
[[nodiscard]] std::optional<datum> read_file(const std::string& path, file_use use, problem_list& problems);

/// Checks the folder of `server_config::state`. A missing folder is no problem: it will be created.
void check_state_folder(const std::string& path, problem_list& problems);
/// Checks the same folder, open as `folder`.
void check_state_folder(int folder, const std::string& path, problem_list& problems);

}  // namespace quivive::tls
