#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>

namespace quivive::tls {

// Sizes of the records that a session reads, by the cipher that it reads with now.

/// Bytes of the smallest payload: of what is shorter no record can be made.
[[nodiscard]] std::size_t least_payload(gnutls_session_t session) noexcept;

/// Bytes of the largest payload that may hold no more than a record may (RFC 5246 6.2.1).
[[nodiscard]] std::size_t most_payload(gnutls_session_t session) noexcept;

/// Bytes of payload of a Finished (RFC 5246 7.4.9), by itself and without padding that need not be.
/// `with_id`: in a record of tls12_cid.
[[nodiscard]] std::size_t finished_payload(gnutls_session_t session, bool with_id) noexcept;
/// The most that one may have, without an id: padding of CBC may be longer than it need be.
[[nodiscard]] std::size_t largest_finished_payload(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
