#pragma once

#include <cstddef>
#include <string_view>

namespace quivive {

/// Why a datagram, or one record inside a datagram, was dropped.
///
/// Every path that drops names exactly one of these, and each has a counter (see `metrics`).
/// New values are added at the end; do not depend on the numeric values.
enum class drop_reason : unsigned char {
    // The shape of a datagram or record.
    empty_datagram,      ///< zero bytes; GnuTLS would take it for the end of the session
    oversized_datagram,  ///< larger than `limits::max_datagram_bytes`, so cut by the kernel
    malformed_record,    ///< no whole record header, or a length beyond the datagram
    bad_record_type,     ///< a content type that DTLS 1.2 does not know
    bad_version,         ///< not 0xfeff (1.0) or 0xfefd (1.2), RFC 6347 4.1
    bad_epoch,           ///< an epoch that this association does not have
    short_record,        ///< protected, but shorter than its cipher's overhead
    // Strangers.
    not_a_client_hello,      ///< a stranger's datagram does not begin with a ClientHello
    malformed_client_hello,  ///< lengths inside the ClientHello do not add up
    hello_fragment,          ///< a first fragment that cannot be judged, being without the whole cookie
    refused_by_policy,       ///< the network's rule is `drop`, or `admit()` said so
    challenge_failed,  ///< no HelloVerifyRequest could be made: no randomness, or a build without cookies
    // Limits.
    half_open_limit,         ///< `limits::max_half_open` reached
    source_half_open_limit,  ///< `limits::max_half_open_per_source` reached
    session_limit,           ///< `limits::max_sessions` reached
    accept_queue_full,       ///< `limits::max_unaccepted` attempts wait, nobody accepts
    receive_queue_full,      ///< the handler does not read: `limits::receive_queue_*`
    stopping,                ///< the server refuses newcomers
    // Handshake messages.
    oversized_handshake,     ///< longer than `limits::max_handshake_message_bytes`
    inconsistent_fragment,   ///< disagrees with an earlier fragment of its message, or with itself
    too_many_fragments,      ///< more handshake fragments in one record than GnuTLS takes
    handshake_out_of_order,  ///< too far ahead of its turn to be kept
    repeated_flight,         ///< the peer repeats what was already answered
    handshake_in_progress,   ///< an unproven ClientHello where a handshake is, to which no more may be sent
                             ///< now
    stale_client_hello,  ///< the ClientHello of the live session, or one that its client replaced or whose
                         ///< handshake has failed, again
    // Associations.
    plaintext_on_session,  ///< an epoch 0 record on an established session (RFC 6347 4.1.2.7)
    plaintext_alert,       ///< an unauthenticated alert during the handshake
    bad_record_mac,        ///< the tag does not verify
    replayed_record,       ///< seen before, or older than the window (RFC 6347 4.1.2.6)
    unexpected_record,     ///< authentic, but of a kind that has no place here
    early_data_overflow,   ///< too many records of the next epoch before the Finished
    session_closing,       ///< the session is closing; nobody reads
    // Connection ids (RFC 9146).
    unknown_connection_id,  ///< a record with an id that nobody has
    wrong_connection_id,    ///< a protected record without the id that its session asked for, or with another
    handoff_full,           ///< for another thread's session, which has `limits::max_handed_over` waiting
    // Handshakes on threads of their own (`server_config::handshake_threads`).
    handshake_queue_full,  ///< `limits::handshake_queue` steps wait; the newcomer has proven its address
    handshake_busy,        ///< too much came while the handshake's last step is still being done
    // ClientHellos.
    rest_of_challenged_hello,  ///< normal, no fault: a later fragment of a ClientHello whose first one was
                               ///< challenged (browsers' have two); the client sends all of it again
    unsupported_version,       ///< no common version, beyond `limits::version_alerts_per_second`
    // Bounds on what a peer can make this server keep and do.
    source_session_limit,  ///< `limits::max_sessions_per_source` reached
    half_open_memory,      ///< `limits::half_open_bytes_total` reached
    oversized_plaintext,   ///< more than 2^14 bytes in one record (RFC 5246 6.2.1)
};

inline constexpr std::size_t drop_reason_count =
    static_cast<std::size_t>(drop_reason::oversized_plaintext) + 1;

/// The reason's name as it appears in counters and logs, e.g. "bad_record_mac". Never empty.
[[nodiscard]] std::string_view to_string(drop_reason reason) noexcept;

}  // namespace quivive
