#pragma once

namespace quivive::config {

/// Files in the folder of `server_config::state`, which `load_secret` judges and reads: a random id, and the
/// secret of its blobs, unless `cookies.secret_file` names one.
inline constexpr const char* state_id_name = "id";
inline constexpr const char* state_key_name = "key";

}  // namespace quivive::config
