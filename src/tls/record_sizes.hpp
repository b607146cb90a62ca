#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>

namespace quivive::tls {

// Sizes of the records that a session reads, for its present read cipher.

/// Returns the smallest payload size in bytes. A shorter payload cannot be a record.
[[nodiscard]] std::size_t least_payload(gnutls_session_t session) noexcept;

/// Returns the largest payload size in bytes whose content does not exceed the limit of a record (RFC
/// 5246 6.2.1).
[[nodiscard]] std::size_t most_payload(gnutls_session_t session) noexcept;

/// Returns the payload size in bytes of a lone Finished (RFC 5246 7.4.9) with minimum padding. `with_id`: in
/// a record of tls12_cid.
[[nodiscard]] std::size_t finished_payload(gnutls_session_t session, bool with_id) noexcept;
/// Returns the maximum payload size of a Finished without an id. CBC padding may be longer than necessary.
[[nodiscard]] std::size_t largest_finished_payload(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
