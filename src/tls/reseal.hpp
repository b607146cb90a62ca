#pragma once

#include "tls/record_state.hpp"
#include "wire/record.hpp"
#include "wire/secret_bytes.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace quivive::tls {

// Protected records of a handshake, protected anew with the keys that the session has.

/// The contents of a protected record.
struct plain_record {
    wire::content_type type{};
    wire::secret_bytes text;
};

/// Opens one of the peer's, with the keys that the session reads with. Empty when it does not verify, or the
/// cipher is none of our own record layer.
[[nodiscard]] std::optional<plain_record> open_record(gnutls_session_t session,
                                                      const wire::record_view& record);

/// Protects a Finished of ours anew, in place, under the session's next sequence number, which is used up: a
/// repeat is a new record (RFC 6347 4.2.2). A peer that had the former one already would drop it as a replay,
/// and never repeat its own flight. False: the record is not one of ours, or GnuTLS does not tell its keys;
/// it is unchanged then. `id_size`: of the peer's connection id.
bool reseal(gnutls_session_t session, std::span<std::byte> record, std::size_t id_size) noexcept;

/// The same record, under its own number, in the other format: with `id`, or, when that is empty, without any
/// (RFC 9146 4). Whose it is, `which` says. GnuTLS knows no ids: it makes and reads plain records, and
/// between it and the network this stands. Of the two only the one with the id ever leaves the process. Empty
/// when it does not verify.
[[nodiscard]] std::optional<std::vector<std::byte>> reframe(gnutls_session_t session, direction which,
                                                            const wire::record_view& record, wire::bytes id);

}  // namespace quivive::tls
