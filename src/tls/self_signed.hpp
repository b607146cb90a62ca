#pragma once

#include "tls/certificate_files.hpp"

namespace quivive::tls {

/// Creates a throw-away self-signed P-256 certificate for localhost, valid from an hour ago for 30 days. It
/// proves nothing to a client that does not have its pin, and is never written to disk.
[[nodiscard]] key_pair make_self_signed();

}  // namespace quivive::tls
