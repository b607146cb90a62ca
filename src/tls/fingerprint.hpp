#pragma once

#include "tls/context.hpp"

#include <string>

namespace quivive::tls {

/// Returns a digest of all inputs of a server's context, the contents of files included. Two configurations
/// with the same inputs, file names included, have the same digest. Empty when no digest exists: a
/// `psk_lookup` is code, and an unreadable file has no contents.
[[nodiscard]] std::string fingerprint(const server_credentials& credentials, const context_options& options);

}  // namespace quivive::tls
