#pragma once

#include "record/keys.hpp"

#include <gnutls/gnutls.h>

#include <optional>

namespace quivive::tls {

/// Takes the record keys out of a session whose handshake is finished. The replay window is not included,
/// since GnuTLS does not expose it. Returns empty for CBC suites and for DTLS 1.0, since GnuTLS must continue
/// to protect those records.
[[nodiscard]] std::optional<record::session_keys> take_keys(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
