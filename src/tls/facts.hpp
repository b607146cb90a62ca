#pragma once

#include "tls/handshake.hpp"

#include <gnutls/gnutls.h>

namespace quivive::tls {

/// What a session whose handshake is finished knows of itself and its peer.
[[nodiscard]] handshake_facts facts_of(gnutls_session_t session);

/// The identity that the peer of a session claims and has not proven.
[[nodiscard]] handshake_facts claims_of(gnutls_session_t session);

}  // namespace quivive::tls
