#pragma once

#include "tls/handshake.hpp"

#include <gnutls/gnutls.h>

namespace quivive::tls {

/// Returns the facts of a session whose handshake is finished, about itself and its peer.
[[nodiscard]] handshake_facts facts_of(gnutls_session_t session);

/// Returns the identity that the peer of a session claims and has not proven.
[[nodiscard]] handshake_facts claims_of(gnutls_session_t session);

}  // namespace quivive::tls
