#pragma once

#include "quivive/drop_reason.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quivive {

/// Counts by reason, indexed by a `drop_reason`.
struct drop_counts {
    std::array<std::uint64_t, drop_reason_count> by_reason{};  ///< one count for each reason

    /// Returns the count of `r`, for changes.
    [[nodiscard]] std::uint64_t& operator[](drop_reason r) noexcept
    {
        return by_reason[static_cast<std::size_t>(r)];
    }
    /// Returns the count of `r`.
    [[nodiscard]] std::uint64_t operator[](drop_reason r) const noexcept
    {
        return by_reason[static_cast<std::size_t>(r)];
    }
    /// Returns the sum of all counts.
    [[nodiscard]] std::uint64_t total() const noexcept
    {
        std::uint64_t sum = 0;
        for (const auto n : by_reason) sum += n;
        return sum;
    }
};

/// Counters of a server since its start. Each datagram received is in exactly one of `delivered`, `answered`
/// and `dropped`: `received == delivered + answered + dropped.total()`. While the server runs, each thread
/// may have counted one more datagram as received that it has not processed yet.
struct metrics {
    // Datagrams in.
    std::uint64_t received = 0;        ///< datagrams received
    std::uint64_t received_bytes = 0;  ///< bytes of UDP payload received
    std::uint64_t delivered = 0;       ///< datagrams with at least one record for an association
    std::uint64_t answered =
        0;                  ///< datagrams answered with a HelloVerifyRequest, or an alert protocol_version
    drop_counts dropped;    ///< whole datagrams, each under its first reason
    drop_counts discarded;  ///< single records that reached an association, also of delivered datagrams
    std::uint64_t receive_errors = 0;  ///< failed receive calls; no datagram is lost by them

    // Datagrams out.
    std::uint64_t sent = 0;               ///< datagrams sent
    std::uint64_t sent_bytes = 0;         ///< bytes of UDP payload sent
    std::uint64_t send_errors = 0;        ///< single datagrams that the kernel refused
    std::uint64_t send_dropped = 0;       ///< datagrams dropped at `limits::send_queue_datagrams`
    std::uint64_t send_runs_refused = 0;  ///< buffers of many datagrams (GSO) that had to be sent one by one

    // Handshakes and sessions.
    std::uint64_t cookies_proven = 0;     ///< new clients admitted with a valid cookie
    std::uint64_t admitted_unproven = 0;  ///< new clients admitted without a cookie
    std::uint64_t version_alerts =
        0;  ///< alerts to ClientHellos without a common version; also counted in `answered`
    std::uint64_t flights_withheld =
        0;  ///< flights not sent to an unvalidated peer, beyond three times the bytes received from it
    std::uint64_t handshakes_started = 0;    ///< handshakes started
    std::uint64_t handshakes_completed = 0;  ///< handshakes completed
    std::uint64_t handshakes_failed = 0;     ///< handshakes failed by a fault of either side
    std::uint64_t handshakes_wrong_key =
        0;  ///< part of `handshakes_failed`: a different PSK, or an unknown identity

    /// Part of `handshakes_failed`: a server name (SNI) that is no DNS name, such as `::1` or `a_b`
    /// (`errc::server_name_rejected`).
    std::uint64_t server_names_rejected = 0;
    /// Part of `handshakes_failed`: the client lacks the extended master secret that `server_config` requires
    /// (`errc::no_extended_master_secret`).
    std::uint64_t handshakes_without_ems = 0;
    /// Part of `handshakes_failed`: the client lacks the secure renegotiation that `server_config` requires
    /// (`errc::no_secure_renegotiation`).
    std::uint64_t handshakes_without_secure_renegotiation = 0;
    std::uint64_t handshakes_timed_out = 0;  ///< handshakes timed out
    std::uint64_t handshakes_displaced =
        0;  ///< handshakes aborted for a new client, or because their own client started again
    std::uint64_t resumptions = 0;  ///< sessions begun by an abbreviated handshake

    /// Genuine tickets that no longer fit the configuration, so that the handshake was a full one.
    std::uint64_t resumptions_refused = 0;
    std::uint64_t sessions_without_ems =
        0;                               ///< sessions started without an extended master secret (RFC 7627)
    std::uint64_t flights_repeated = 0;  ///< flights retransmitted
    std::uint64_t sessions_closed = 0;   ///< sessions ended, for any reason
    std::uint64_t sessions_replaced =
        0;  ///< sessions replaced by a new association of the same address (RFC 6347 4.2.8)
    std::uint64_t sessions_idled_out = 0;  ///< sessions closed because of `limits::idle_timeout`
    std::uint64_t sessions_moved = 0;      ///< changes of a peer's address (RFC 9146 6)
    std::uint64_t moves_undone =
        0;  ///< moves undone because of a copy from the previous address (RFC 9146 6)
    std::uint64_t sessions_exported = 0;  ///< sessions exported to another process
    std::uint64_t sessions_imported = 0;  ///< sessions imported from another process
    std::uint64_t datagrams_withheld =
        0;  ///< datagrams not sent to a new address of a peer before the address was validated
    std::uint64_t handler_exceptions = 0;  ///< exceptions of `session_handler::run` and `admit`, and of
                                           ///< completion handlers (see `server`); logged
    std::uint64_t messages_received = 0;   ///< application messages received
    std::uint64_t messages_sent = 0;       ///< application messages sent

    // Now.
    std::uint64_t associations = 0;  ///< all connections in the table, now
    std::uint64_t half_open = 0;     ///< part of `associations`: handshakes in progress
    std::uint64_t sessions = 0;      ///< part of `associations`: established sessions

    // Load and policy, now. With several threads, sums except where noted.
    std::uint64_t load_high = 0;     ///< threads under high load (`load_marks`)
    std::uint64_t load_changes = 0;  ///< changes of a thread's load between normal and high, since the start
    std::uint64_t hellos_per_second = 0;  ///< ClientHellos of unknown peers over the last second
    std::uint64_t handshake_cpu_percent =
        0;  ///< CPU time of handshakes over the last second, in percent; 100 at most for each thread
    std::uint64_t handshake_steps_waiting =
        0;  ///< handshake steps that wait for a thread of `server_config::handshake_threads`
    std::uint64_t trust_all_networks = 0;  ///< not summed: 1 when `cookie_policy::trust_all_networks` is set
    std::uint64_t never_networks = 0;      ///< not summed: networks with the exchange `never` in a rule
    std::uint64_t reloads = 0;             ///< not summed: configurations applied since the start

    /// Returns true if each received datagram is accounted for. Always true for a server that has stopped.
    /// For a running server it is true between two datagrams.
    [[nodiscard]] bool balanced() const noexcept
    {
        return received == delivered + answered + dropped.total();
    }
};

/// Adds each count of `other` to `sum`.
metrics& operator+=(metrics& sum, const metrics& other) noexcept;

}  // namespace quivive
