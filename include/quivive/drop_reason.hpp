#pragma once

#include <cstddef>
#include <string_view>

namespace quivive {

/// Reason for dropping a datagram, or one record inside a datagram.
///
/// Every code path that drops names exactly one reason, and each reason has a counter (see `metrics`). New
/// values are added at the end. Do not depend on the numeric values.
enum class drop_reason : unsigned char {
    // The shape of a datagram or record.
    empty_datagram,      ///< zero bytes; GnuTLS would take it for the end of the session
    oversized_datagram,  ///< larger than `limits::max_datagram_bytes`, so truncated by the kernel
    malformed_record,    ///< no complete record header, or a length beyond the datagram
    bad_record_type,     ///< a content type that DTLS 1.2 does not define
    bad_version,         ///< not 0xfeff (1.0) or 0xfefd (1.2), RFC 6347 4.1
    bad_epoch,           ///< an epoch that this association does not have
    short_record,        ///< protected, but shorter than its cipher's overhead
    // Unknown peers.
    not_a_client_hello,      ///< the datagram of an unknown peer does not begin with a ClientHello
    malformed_client_hello,  ///< lengths inside the ClientHello do not add up
    hello_fragment,     ///< a first fragment that cannot be checked, because it lacks the complete cookie
    refused_by_policy,  ///< the network's rule is `drop`, or `admit()` returned it
    challenge_failed,   ///< no HelloVerifyRequest could be made: no randomness, or a build without cookies
    // Limits.
    half_open_limit,         ///< `limits::max_half_open` reached
    source_half_open_limit,  ///< `limits::max_half_open_per_source` reached
    session_limit,           ///< `limits::max_sessions` reached
    accept_queue_full,       ///< `limits::max_unaccepted` attempts wait to be accepted
    receive_queue_full,      ///< the handler does not read: `limits::receive_queue_*`
    stopping,                ///< the server is stopping and refuses new clients
    // Handshake messages.
    oversized_handshake,     ///< longer than `limits::max_handshake_message_bytes`
    inconsistent_fragment,   ///< disagrees with an earlier fragment of its message, or with itself
    too_many_fragments,      ///< more handshake fragments in one record than GnuTLS takes
    handshake_out_of_order,  ///< too far ahead of the next message to be kept
    repeated_flight,         ///< a retransmission by the peer that was already answered
    handshake_in_progress,  ///< unvalidated ClientHello from an address with a handshake, whose amplification
                            ///< limit leaves no bytes for a challenge
    stale_client_hello,  ///< the ClientHello of the live session again, or one that its client has replaced,
                         ///< or one whose handshake failed
    // Associations.
    plaintext_on_session,  ///< an epoch 0 record on an established session (RFC 6347 4.1.2.7)
    plaintext_alert,       ///< an unauthenticated alert during the handshake
    bad_record_mac,        ///< the tag does not verify
    replayed_record,       ///< seen before, or older than the window (RFC 6347 4.1.2.6)
    unexpected_record,     ///< authentic, but of a kind that is not allowed here
    early_data_overflow,   ///< too many records of the next epoch before the Finished
    session_closing,       ///< the session is closing, and messages are no longer read
    // Connection ids (RFC 9146).
    unknown_connection_id,  ///< a record with an id that no session has
    wrong_connection_id,  ///< a protected record without the id that its session requires, or with another id
    handoff_full,         ///< a datagram for a session of another thread, which has `limits::max_handed_over`
                          ///< datagrams waiting
    // Handshakes on separate threads (`server_config::handshake_threads`).
    handshake_queue_full,  ///< `limits::handshake_queue` steps wait, and the new client cannot be challenged:
                           ///< it has a valid cookie, or the build has no cookies
    handshake_busy,        ///< too much data arrived while the attempt waits to be accepted, or a step of the
                           ///< handshake waits for or runs on a thread
    // ClientHellos.
    rest_of_challenged_hello,  ///< normal, not a fault: a later fragment of a ClientHello whose first
                               ///< fragment was challenged (browsers send two); the client sends the whole
                               ///< message again
    unsupported_version,  ///< no common version, and no alert: beyond `limits::version_alerts_per_second`, or
                          ///< during a handshake with this address
    // Bounds on the memory and work that a peer can cause.
    source_session_limit,  ///< `limits::max_sessions_per_source` reached
    half_open_memory,      ///< `limits::half_open_bytes_total` reached
    oversized_plaintext,   ///< more than 2^14 bytes in one record (RFC 5246 6.2.1)
};

/// Number of values of `drop_reason`.
inline constexpr std::size_t drop_reason_count =
    static_cast<std::size_t>(drop_reason::oversized_plaintext) + 1;

/// Returns the reason's name as it appears in counters and logs, e.g. "bad_record_mac". Never empty.
[[nodiscard]] std::string_view to_string(drop_reason reason) noexcept;

}  // namespace quivive
