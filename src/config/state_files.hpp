#pragma once

namespace quivive::config {

/// Files in the folder `server_config::state`, which `load_secret` checks and reads: a random id, and the
/// secret of the exported sessions unless `cookies.secret_file` is set.
inline constexpr const char* state_id_name = "id";
inline constexpr const char* state_key_name = "key";

}  // namespace quivive::config
