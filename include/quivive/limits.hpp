#pragma once

#include <chrono>
#include <cstddef>

namespace quivive {

/// Every limit and time-out of a server, with its default, its unit and what happens when it is reached.
///
/// Counts and bytes hold for the whole server; with several threads each takes an equal share, rounded up.
/// Zero is not "unlimited" anywhere but where it says so.
///
/// A handshake that `cookie_exchange::adaptive` admitted without a cookie is in doubt: anyone may have sent
/// its ClientHello. It never counts against one whose peer gave back a cookie, or is of a trusted network:
/// where a limit is reached such a newcomer takes the place of the oldest handshake in doubt, at once. A
/// ClientHello without a cookie that meets a limit, or the handshake or session that its address has, is
/// challenged, and nothing makes room for it.
struct limits {
    // --- sessions -------------------------------------------------------------------------------
    /// Sessions and handshakes together. Reached, and none in doubt: the newcomer is dropped
    /// (`session_limit`).
    std::size_t max_sessions = 100'000;

    /// Of these, those of one source: an address, or the network of it that `source_prefix_ipv4` and
    /// `source_prefix_ipv6` say. Zero: a tenth of `max_sessions`, at least one. The network around it (/24 of
    /// IPv4, /48 of IPv6; none where the source is as wide) may have four times as many. Reached, and none of
    /// these in doubt: its oldest handshake makes room, if it has lasted `half_open_grace`; else the newcomer
    /// is dropped (`source_session_limit`), and the first time for each source, and again after a reload,
    /// that is logged. No established session is ever displaced. A ClientHello from where a session is, whose
    /// place it takes in the end, is not dropped for this. Sessions that move count for where they began, and
    /// those from another process for where they were, but are taken in any case. Each thread counts its own:
    /// the kernel spreads clients over them by address and port. Without effect for
    /// `server_config::shared_networks`.
    std::size_t max_sessions_per_source = 0;

    /// How many leading bits of an address are one source's, 1..32 and 1..128: who has an IPv6 network of 64
    /// bits has all of its addresses. An IPv4-mapped address is IPv4, and a link-local one is its link's.
    /// After a reload sessions count anew; handshakes in progress stay with their former source as to
    /// `max_half_open_per_source`.
    std::size_t source_prefix_ipv4 = 32;
    std::size_t source_prefix_ipv6 = 64;

    /// Handshakes in progress; one costs about 20 kB, and 64 kB at the very most. Reached, and none in doubt:
    /// the oldest one is given up if it has lasted `half_open_grace`, else the newcomer is dropped
    /// (`half_open_limit`).
    std::size_t max_half_open = 4'096;

    /// The share of `max_half_open` that one source may hold, whatever its ports; the network around it four
    /// times as much (see `max_sessions_per_source`). Reached, and none of these in doubt: the source's
    /// oldest handshake is given up if it has lasted `half_open_grace`, else its newcomer is dropped
    /// (`source_half_open_limit`). Without effect for `server_config::shared_networks`.
    std::size_t max_half_open_per_source = 1'024;

    /// How long a handshake that is not in doubt cannot be displaced by another peer's. Its own peer's next
    /// ClientHello, proven or of a trusted network, takes its place at once.
    std::chrono::milliseconds half_open_grace{2'000};

    /// Bytes that all handshakes in progress hold together beside GnuTLS's own: messages that are not whole
    /// yet, records that came too early, flights. One holds `max_handshake_message_bytes` and 8 kB at most.
    /// Reached: what would be kept besides is dropped (`half_open_memory`); so is a newcomer, unless the
    /// oldest handshake makes room, as with `max_half_open`. So the defaults hold 64 MiB, and 20 kB for each
    /// of 4 096: 150 MB at the very most, whoever comes. A thread has 64 KiB, were its part less.
    std::size_t half_open_bytes_total = 67'108'864;

    /// Steps of handshakes that wait for one of `server_config::handshake_threads`, of all threads together.
    /// Reached: a newcomer is challenged, or, with its cookie, dropped (`handshake_queue_full`), and repeats
    /// itself. Those in doubt are done last, and so many may wait besides.
    std::size_t handshake_queue = 256;

    /// Alerts a second that tell a client which has no DTLS version in common with the server (one of
    /// DTLS 1.3 alone, say) just that: protocol_version (RFC 5246 7.2.2), at once, and without state or
    /// cookie. Reached: dropped (`unsupported_version`). Zero: nobody is told.
    std::size_t version_alerts_per_second = 100;

    /// Attempts that wait for `server::async_accept`, those in doubt last. Reached, and none in doubt:
    /// dropped (`accept_queue_full`).
    std::size_t max_unaccepted = 256;

    // --- time -----------------------------------------------------------------------------------
    /// From the admitted ClientHello to the Finished. Reached: the handshake is given up, silently.
    std::chrono::milliseconds handshake_timeout{60'000};

    /// Between two datagrams of a peer that was admitted without a cookie by `cookie_exchange::adaptive` and
    /// whose handshake is not finished. Reached: it is given up as above. Whoever forges a source address
    /// says nothing more; a client repeats itself sooner (RFC 6347 4.2.4.1).
    std::chrono::milliseconds unproven_timeout{10'000};

    /// Without a record that verified. Reached: close_notify, and the handler sees `errc::idle_timeout`.
    /// Zero: never.
    std::chrono::milliseconds idle_timeout{300'000};

    /// First wait for an answer to a flight; doubles up to 60 s (RFC 6347 4.2.4.1). Below one second, so that
    /// our repeat does not cross the peer's. RFC 7925 advises 9 s on slow networks.
    std::chrono::milliseconds retransmit_first{900};

    /// The least time between two repeats of a flight that a repeating peer asks for. Below the 50 ms after
    /// which browsers first repeat a hello, so that a lost flight costs them no more. Sooner:
    /// `repeated_flight`.
    std::chrono::milliseconds repeat_interval{40};

    /// So many such repeats in a row, and one more each second, within one handshake; the same again for its
    /// last flight. Clients whose waits double have no need of more. Reached: `repeated_flight`; the flight
    /// is repeated by our own timer alone. At least 1.
    std::size_t repeat_burst = 10;

    /// How long the last flight is kept for a peer that has lost it: 2 x MSL (RFC 6347 4.2.4).
    std::chrono::milliseconds last_flight_kept{240'000};

    /// The same, from the peer's first data on, which says that it has the flight, unless it sends data ahead
    /// of it (False Start, RFC 7918): three repeats of one that begins with a second and doubles it (RFC 6347
    /// 4.2.4.1).
    std::chrono::milliseconds last_flight_kept_after_data{10'000};

    /// After a plaintext fatal alert, which anyone can forge, a handshake has this long to go on regardless.
    std::chrono::milliseconds alerted_handshake_grace{5'000};

    /// After our close_notify, how long to wait for the peer's.
    std::chrono::milliseconds close_timeout{2'000};

    // --- peers that move (RFC 9146 6) -----------------------------------------------------------
    /// A session follows its peer's newest record at once, and may do so 20 times in a row; each interval
    /// allows it once more. Reached: the record is taken, but answers go where they went before. Going back
    /// to the address last validated is always possible. Zero: it may move as often as it will.
    std::chrono::milliseconds move_interval{50};

    /// How long a peer that knows the return routability check (RFC 9853) has to answer from its new address.
    /// Reached: the former address counts again.
    std::chrono::milliseconds path_check_timeout{1'000};

    /// Datagrams that wait for the thread whose session they are for, another thread having received them.
    /// Reached: dropped (`handoff_full`).
    std::size_t max_handed_over = 1'024;

    /// Bytes a second, of UDP payload, for one session where its peer has moved and not shown that it is
    /// (`move_policy::sustained`). One second's worth may go at once, so a datagram larger than that does not
    /// leave. Reached: datagrams are lost (`metrics::datagrams_withheld`).
    std::size_t unvalidated_bytes_per_second = 64'000;
    /// The same for all sessions together.
    std::size_t unvalidated_bytes_per_second_total = 1'000'000;

    // --- messages and memory --------------------------------------------------------------------
    /// The largest datagram taken from the network. Reached: `oversized_datagram`.
    std::size_t max_datagram_bytes = 18'432;

    /// The largest handshake message of a peer (a client's certificate chain). A ClientHello has 16 384 bytes
    /// at most, whatever this says; where clients are asked for certificates, one with a session ticket,
    /// which may hold such a chain, a quarter more than this, but no more than 4 kB. Reached:
    /// `oversized_handshake`, and once so much of it has come that no forged header is to blame the peer is
    /// told (decode_error) and the handshake has failed.
    ///
    /// All that one handshake in progress holds beside GnuTLS's own 20 kB is this and 8 192 bytes at most:
    /// with the default 64 kB in all. That is messages that are not whole yet or came before their turn,
    /// early records, twice the hello (GnuTLS keeps both), its flight, and what waits for a handshake thread.
    /// Reached: what came is dropped (`handshake_out_of_order`, `early_data_overflow`, `handshake_busy`);
    /// for the message whose turn it is early records and later messages make room. Where clients are asked
    /// for certificates GnuTLS may keep more: a hello with a ticket of such a size twice, and a chain twice
    /// once it has been verified.
    std::size_t max_handshake_message_bytes = 32'768;

    /// Messages that wait for one session's `async_receive`. Reached: dropped (`receive_queue_full`).
    std::size_t receive_queue_messages = 64;
    /// The same in bytes.
    std::size_t receive_queue_bytes = 131'072;
    /// Memory of the messages that wait in the queues of all sessions together, in bytes. Reached: dropped
    /// (`receive_queue_full`), but a session that has none waiting may always have one, of 2 048 bytes at the
    /// most: those whose handlers are slow cannot take that from the others. So the worst case is this and
    /// 2 300 bytes more for each of `max_sessions` (230 MB by default).
    std::size_t receive_queue_bytes_total = 67'108'864;

    /// Protected records that came before their turn (a Finished before what it finishes, data before the
    /// Finished), kept for each handshake; 8 192 bytes of them at most. Reached: the oldest make room. Zero:
    /// they are dropped (`early_data_overflow`), as a single one that is larger is.
    std::size_t early_records = 4;

    /// Ciphers that are kept ready with their keys, about 700 bytes each, two for a session that both sends
    /// and receives. Reached: the session that was silent for longest gives its own back, and makes it anew,
    /// in 150 ns, when it has something to say.
    std::size_t ready_ciphers = 1'024;

    /// Datagrams that wait for the kernel. Reached: `async_send` waits; flights and alerts are dropped
    /// (`metrics::send_dropped`), as the network might have done.
    std::size_t send_queue_datagrams = 4'096;
};

}  // namespace quivive
