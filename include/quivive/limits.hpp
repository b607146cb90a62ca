#pragma once

#include <chrono>
#include <cstddef>

namespace quivive {

/// Limits and time-outs of a server. Each member states its unit and the effect of reaching it. Its
/// initialiser is the default.
///
/// Counts and bytes hold for the whole server. With several threads each thread takes an equal share, rounded
/// up. Zero means "unlimited" only where the member says so.
///
/// A handshake that `cookie_exchange::adaptive` admitted without a cookie is unvalidated: anyone may have
/// sent its ClientHello. A client is validated if it returned a cookie or belongs to a trusted network. These
/// rules apply when a limit is reached:
/// - A validated client replaces the oldest unvalidated handshake at once.
/// - An unvalidated ClientHello displaces no handshake, and is challenged. It is also challenged when its
///   address already has a handshake or session.
struct limits {
    // --- sessions -------------------------------------------------------------------------------
    /// Sessions and handshakes together. When the limit is reached and no handshake is unvalidated, a new
    /// client is dropped (`session_limit`).
    std::size_t max_sessions = 100'000;

    /// Sessions and handshakes of one source. A source is an address, or its network as `source_prefix_ipv4`
    /// and `source_prefix_ipv6` define it. Zero: a tenth of `max_sessions`, at least one. The enclosing
    /// network (/24 of IPv4, /48 of IPv6; none where the source is as wide) may have four times as many.
    ///
    /// When the limit is reached and none of these handshakes is unvalidated, the oldest handshake of the
    /// source is displaced if it has lasted `half_open_grace`. Otherwise the new client is dropped
    /// (`source_session_limit`). The first such drop of each source is logged, and again after a reload. No
    /// established session is ever displaced. A ClientHello from the address of a session without a
    /// connection id is never dropped for this reason, because its session replaces the existing one in the
    /// end.
    ///
    /// A session that moves still counts for its first address. An imported session counts for the address it
    /// had. Neither is ever refused for this limit. Each thread counts its own sessions: the kernel
    /// distributes clients over the threads by address and port. The limit has no effect for
    /// `server_config::shared_networks`.
    std::size_t max_sessions_per_source = 0;

    /// Leading bits of an IPv4 address that identify one source, 1..32. An IPv4-mapped address is IPv4. After
    /// a reload sessions are counted anew. Handshakes in progress keep their former source for
    /// `max_half_open_per_source`.
    std::size_t source_prefix_ipv4 = 32;
    /// Leading bits of an IPv6 address that identify one source, 1..128. The owner of a 64-bit IPv6 network
    /// has all of its addresses. A link-local address belongs to its link. A reload has the same effect as
    /// for IPv4.
    std::size_t source_prefix_ipv6 = 64;

    /// Handshakes in progress. One costs about 20 kB, and 64 kB at most. When the limit is reached and no
    /// handshake is unvalidated, the oldest handshake is aborted if it has lasted `half_open_grace`.
    /// Otherwise the new client is dropped (`half_open_limit`).
    std::size_t max_half_open = 4'096;

    /// Handshakes in progress of one source, whatever its ports. The enclosing network may have four times as
    /// many (see `max_sessions_per_source`). When the limit is reached and none of these handshakes is
    /// unvalidated, the source's oldest handshake is aborted if it has lasted `half_open_grace`. Otherwise
    /// the new client is dropped (`source_half_open_limit`). The limit has no effect for
    /// `server_config::shared_networks`.
    std::size_t max_half_open_per_source = 1'024;

    /// Time for which no other peer can displace a validated handshake. A further ClientHello of its own peer
    /// replaces it at once, if it has a valid cookie or comes from a trusted network.
    std::chrono::milliseconds half_open_grace{2'000};

    /// Bytes that all handshakes in progress hold together, without GnuTLS's own memory: incomplete messages,
    /// early records, flights. One handshake holds `max_handshake_message_bytes` and 8 kB at most. When the
    /// limit is reached, further data is dropped (`half_open_memory`). A new client is dropped too, unless
    /// the oldest handshake is displaced, as for `max_half_open`. The defaults thus hold 64 MiB, and 20 kB
    /// for each of 4 096 handshakes: 150 MB at most, whatever peers send. Each thread has 64 KiB at least.
    std::size_t half_open_bytes_total = 67'108'864;

    /// Handshake steps that wait for one of `server_config::handshake_threads`, of all threads together. When
    /// the limit is reached, a new client without a cookie is challenged. A new client with a valid cookie is
    /// dropped (`handshake_queue_full`), and retransmits. Steps of unvalidated handshakes run last, and as
    /// many of them may wait in addition.
    std::size_t handshake_queue = 256;

    /// Alerts protocol_version per second (RFC 5246 7.2.2), sent to clients that have no DTLS version in
    /// common with the server, such as clients with DTLS 1.3 only. They are sent at once, without state or
    /// cookie. Beyond the limit the ClientHello is dropped (`unsupported_version`). Zero: no alert is sent.
    std::size_t version_alerts_per_second = 100;

    /// Attempts that wait for `server::async_accept`; unvalidated ones are given out last. When the limit is
    /// reached and no attempt is unvalidated, a new one is dropped (`accept_queue_full`).
    std::size_t max_unaccepted = 256;

    // --- time -----------------------------------------------------------------------------------
    /// Time from the admitted ClientHello to the Finished. When it expires, the handshake is aborted, and
    /// nothing is sent.
    std::chrono::milliseconds handshake_timeout{60'000};

    /// Time between two datagrams of a peer that `cookie_exchange::adaptive` admitted without a cookie, until
    /// its handshake is finished. When it expires, the handshake is aborted, and nothing is sent. An attacker
    /// with a forged source address sends nothing more. A real client retransmits sooner (RFC 6347 4.2.4.1).
    std::chrono::milliseconds unproven_timeout{10'000};

    /// Time without a record that verified. When it expires, the server sends close_notify, and the handler
    /// receives `errc::idle_timeout`. Zero: no time-out.
    std::chrono::milliseconds idle_timeout{300'000};

    /// First wait for an answer to a flight; it doubles up to 60 s (RFC 6347 4.2.4.1). The default is below
    /// one second, so that the server's retransmission does not cross the peer's. RFC 7925 recommends 9 s on
    /// slow networks.
    std::chrono::milliseconds retransmit_first{900};

    /// Minimum time between two retransmissions of a flight that the peer's own retransmissions cause.
    /// Browsers first retransmit a ClientHello after 50 ms. The default is below that time, so that a lost
    /// flight costs them no more. Earlier retransmissions of the peer are dropped (`repeated_flight`).
    std::chrono::milliseconds repeat_interval{40};

    /// Number of such retransmissions in a row within one handshake; one more is allowed each second. The
    /// last flight has the same number again. Clients that double their waits need no more. Beyond the limit
    /// the peer's retransmissions are dropped (`repeated_flight`), and only the server's own timer
    /// retransmits the flight. At least 1.
    std::size_t repeat_burst = 10;

    /// Time for which the last flight is kept for a peer that lost it: 2 x MSL (RFC 6347 4.2.4).
    std::chrono::milliseconds last_flight_kept{240'000};

    /// Time for which the last flight is kept, counted from the peer's first data. Data shows that the peer
    /// has the flight, unless the peer sends data ahead of it (False Start, RFC 7918). The default allows
    /// three retransmissions of a peer that begins with one second and doubles it (RFC 6347 4.2.4.1).
    std::chrono::milliseconds last_flight_kept_after_data{10'000};

    /// Time for which a handshake may continue after a plaintext fatal alert, which anyone can forge.
    std::chrono::milliseconds alerted_handshake_grace{5'000};

    /// Time to wait for the peer's close_notify after sending one.
    std::chrono::milliseconds close_timeout{2'000};

    // --- peers that move (RFC 9146 6) -----------------------------------------------------------
    /// Interval between address changes of a session. A session follows its peer's newest record at once, up
    /// to 20 times in a row; each interval allows one more change. Beyond the limit the record is accepted,
    /// but answers go to the same address as before. A return to the last validated address is always
    /// possible. Zero: no limit.
    std::chrono::milliseconds move_interval{50};

    /// Time for a peer that supports the return routability check (RFC 9853) to answer from its new address.
    /// When it expires, the session reverts to its previous address.
    std::chrono::milliseconds path_check_timeout{1'000};

    /// Datagrams that wait for the thread that owns their session, after another thread received them. When
    /// the limit is reached, a datagram is dropped (`handoff_full`).
    std::size_t max_handed_over = 1'024;

    /// Bytes per second of UDP payload that one session may send to an unvalidated address after a move
    /// (`move_policy::sustained`). The bytes of one second may be sent at once, so a larger datagram is never
    /// sent. Datagrams beyond the limit are lost (`metrics::datagrams_withheld`).
    std::size_t unvalidated_bytes_per_second = 64'000;
    /// The same limit for all sessions together.
    std::size_t unvalidated_bytes_per_second_total = 1'000'000;

    // --- messages and memory --------------------------------------------------------------------
    /// Largest datagram accepted from the network. A larger one is dropped (`oversized_datagram`).
    std::size_t max_datagram_bytes = 18'432;

    /// Largest handshake message of a peer, such as a client's certificate chain. A ClientHello may have 16
    /// 384 bytes at most, whatever the value. Where clients are asked for certificates, a ClientHello with a
    /// session ticket, which may contain a chain, may have a quarter more than this value, but no more than 4
    /// kB more. A larger message is dropped (`oversized_handshake`). Once so much of it has arrived that no
    /// forged header can be the cause, the server sends the alert decode_error and the handshake fails.
    ///
    /// One handshake in progress holds this value and 8 192 bytes at most, without GnuTLS's own 20 kB: 64 kB
    /// in all with the default. This covers incomplete and out-of-order messages, early records, twice the
    /// ClientHello (GnuTLS keeps both), its flight, and data waiting for a handshake thread. Data beyond it
    /// is dropped (`handshake_out_of_order`, `early_data_overflow`, `handshake_busy`). Early records and
    /// later messages are discarded in favour of the next message in order. Where clients are asked for
    /// certificates, GnuTLS may keep more: a ClientHello with a ticket of such a size twice, and a chain
    /// twice once it is verified.
    std::size_t max_handshake_message_bytes = 32'768;

    /// Messages that wait for `async_receive` of one session. When the limit is reached, a message is dropped
    /// (`receive_queue_full`).
    std::size_t receive_queue_messages = 64;
    /// The same limit in bytes.
    std::size_t receive_queue_bytes = 131'072;
    /// Memory of the messages in the receive queues of all sessions together, in bytes. When the limit is
    /// reached, a message is dropped (`receive_queue_full`). A session with an empty queue may always have
    /// one message of 2 048 bytes at most, so that sessions with slow handlers cannot deprive the others. The
    /// worst case is therefore this value and 2 300 bytes more for each of `max_sessions` (230 MB by
    /// default).
    std::size_t receive_queue_bytes_total = 67'108'864;

    /// Protected records kept for each handshake when they arrive too early, such as a Finished before the
    /// messages it completes, or data before the Finished. They hold 8 192 bytes at most. When the limit is
    /// reached, the oldest are discarded. Zero: they are dropped (`early_data_overflow`), as is a single
    /// record that is larger.
    std::size_t early_records = 4;

    /// Cipher contexts kept ready with their keys, of about 700 bytes each. A session that both sends and
    /// receives uses two. When the limit is reached, the session that was silent for longest frees its
    /// contexts. It creates them again, in 150 ns, when it next needs them.
    std::size_t ready_ciphers = 1'024;

    /// Datagrams that wait for the kernel. When the limit is reached, `async_send` waits. Flights and alerts
    /// are dropped (`metrics::send_dropped`), as the network could have dropped them.
    std::size_t send_queue_datagrams = 4'096;
};

}  // namespace quivive
