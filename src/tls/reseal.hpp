#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>
#include <span>

namespace quivive::tls {

/// Protects one of our own epoch 1 records anew, in place, under the session's next sequence number: what a
/// repeat of a Finished must be (RFC 6347 4.2.2), since to a peer that had the first one the same record is a
/// replay, which it drops and does not answer. False when the suite is no AEAD one; then the record is as it
/// was.
bool reseal(gnutls_session_t session, std::span<std::byte> record) noexcept;

}  // namespace quivive::tls
