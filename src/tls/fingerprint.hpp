#pragma once

#include "tls/context.hpp"

#include <string>

namespace quivive::tls {

/// A digest of all that a server's context is made of, the contents of files included: the same for two
/// configurations that make the same context. Empty when that cannot be told: a `psk_lookup` is code, and a
/// file that cannot be read has no contents.
[[nodiscard]] std::string fingerprint(const server_credentials& credentials, const context_options& options);

}  // namespace quivive::tls
