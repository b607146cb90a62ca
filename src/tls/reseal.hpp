#pragma once

#include "tls/record_state.hpp"
#include "wire/record.hpp"
#include "wire/secret_bytes.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace quivive::tls {

// Protects records of a handshake again with the keys of the session.

/// The contents of a protected record.
struct plain_record {
    wire::content_type type{};
    wire::secret_bytes text;
};

/// Opens a record of the peer with the session's read keys. Returns empty when it does not verify, or
/// quivive's record layer does not have the cipher.
[[nodiscard]] std::optional<plain_record> open_record(gnutls_session_t session,
                                                      const wire::record_view& record);

/// Protects a Finished of this side again, in place. This consumes the session's next sequence number: a
/// retransmission is a new record (RFC 6347 4.2.2). A peer that has already received the former record would
/// drop the same number as a replay, and never retransmit its own flight. Returns false, and leaves the
/// record unchanged, when the record is not of this side or GnuTLS does not supply its keys. `id_size` is the
/// size of the peer's connection id.
bool reseal(gnutls_session_t session, std::span<std::byte> record, std::size_t id_size) noexcept;

/// Returns the same record, under its own number, in the other format: with `id`, or without an id when `id`
/// is empty (RFC 9146 4). `which` is the direction of the record. GnuTLS has no connection ids and uses plain
/// records, so this function converts between GnuTLS and the network. Only the record with the id ever leaves
/// the process. Returns empty when the record does not verify.
[[nodiscard]] std::optional<std::vector<std::byte>> reframe(gnutls_session_t session, direction which,
                                                            const wire::record_view& record, wire::bytes id);

}  // namespace quivive::tls
