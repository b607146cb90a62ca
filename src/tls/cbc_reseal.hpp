#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>
#include <span>

namespace quivive::tls {

/// `reseal` for a record of a CBC suite (RFC 5246 6.2.3.2, RFC 7366), whose keys our own record layer does
/// not know: GnuTLS protects such sessions, but seals no handshake message when it is asked to.
bool reseal_cbc(gnutls_session_t session, std::span<std::byte> record) noexcept;

}  // namespace quivive::tls
