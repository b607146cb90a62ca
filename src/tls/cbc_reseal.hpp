#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>
#include <span>

namespace quivive::tls {

/// Implements `reseal` for a record of a CBC suite (RFC 5246 6.2.3.2, RFC 7366). quivive's record layer has
/// no CBC keys: GnuTLS protects such sessions, but offers no call that seals a handshake message.
bool reseal_cbc(gnutls_session_t session, std::span<std::byte> record) noexcept;

}  // namespace quivive::tls
