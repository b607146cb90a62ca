#pragma once

#include "record/keys.hpp"

#include <gnutls/gnutls.h>

#include <optional>

namespace quivive::tls {

/// Takes the record keys out of a session whose handshake is finished; all but the replay window, which
/// GnuTLS does not give away. Empty for CBC suites and for DTLS 1.0, whose records GnuTLS must go on to
/// protect.
[[nodiscard]] std::optional<record::session_keys> take_keys(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
