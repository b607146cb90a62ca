#pragma once

#include "quivive/drop_reason.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quivive {

/// Counts by reason, to be indexed with a `drop_reason`.
struct drop_counts {
    std::array<std::uint64_t, drop_reason_count> by_reason{};

    [[nodiscard]] std::uint64_t& operator[](drop_reason r) noexcept
    {
        return by_reason[static_cast<std::size_t>(r)];
    }
    [[nodiscard]] std::uint64_t operator[](drop_reason r) const noexcept
    {
        return by_reason[static_cast<std::size_t>(r)];
    }
    [[nodiscard]] std::uint64_t total() const noexcept
    {
        std::uint64_t sum = 0;
        for (const auto n : by_reason) sum += n;
        return sum;
    }
};

/// What a server has counted since it started. Each datagram received is in exactly one of `delivered`,
/// `answered` and `dropped`: `received == delivered + answered + dropped.total()`. Of a server at work, each
/// of its threads may be at one more that it has received and not judged yet.
struct metrics {
    // Datagrams in.
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t delivered = 0;  ///< at least one record of it was for an association
    std::uint64_t answered = 0;   ///< with a HelloVerifyRequest, or an alert protocol_version
    drop_counts dropped;          ///< whole datagrams, each under its first reason
    drop_counts discarded;        ///< single records that reached an association, also of delivered datagrams
    std::uint64_t receive_errors = 0;  ///< the kernel could not give what had come; no datagram is lost by it

    // Datagrams out.
    std::uint64_t sent = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t send_errors = 0;        ///< the kernel refused this one datagram
    std::uint64_t send_dropped = 0;       ///< `limits::send_queue_datagrams` reached
    std::uint64_t send_runs_refused = 0;  ///< buffers of many datagrams (GSO) that had to go one by one

    // Handshakes and sessions.
    std::uint64_t cookies_proven = 0;     ///< ClientHellos with a good cookie
    std::uint64_t admitted_unproven = 0;  ///< ClientHellos admitted without one
    std::uint64_t version_alerts = 0;     ///< to ClientHellos without a common version; `answered` has them
    std::uint64_t flights_withheld = 0;   ///< to an unproven peer, beyond three times what it had sent
    std::uint64_t handshakes_started = 0;
    std::uint64_t handshakes_completed = 0;
    std::uint64_t handshakes_failed = 0;     ///< by a fault of either side
    std::uint64_t handshakes_wrong_key = 0;  ///< of these: another PSK than ours, or an unknown identity
    /// The part of these with a server name (SNI) that is no DNS name, as `::1` or `a_b`
    /// (`errc::server_name_rejected`).
    std::uint64_t server_names_rejected = 0;
    /// The part of these whose client has no extended master secret, or no secure renegotiation, which
    /// `server_config` requires (`errc::no_extended_master_secret`, `errc::no_secure_renegotiation`).
    std::uint64_t handshakes_without_ems = 0;
    std::uint64_t handshakes_without_secure_renegotiation = 0;
    std::uint64_t handshakes_timed_out = 0;
    std::uint64_t handshakes_displaced = 0;
    std::uint64_t resumptions = 0;
    /// Tickets that are genuine but no longer fit, so that all was proven anew.
    std::uint64_t resumptions_refused = 0;
    std::uint64_t sessions_without_ems = 0;  ///< begun without an extended master secret (RFC 7627)
    std::uint64_t flights_repeated = 0;
    std::uint64_t sessions_closed = 0;
    std::uint64_t sessions_replaced = 0;  ///< RFC 6347 4.2.8
    std::uint64_t sessions_idled_out = 0;
    std::uint64_t sessions_moved = 0;      ///< changes of a peer's address (RFC 9146 6)
    std::uint64_t moves_undone = 0;        ///< taken back, for a copy from the former address (RFC 9146 6)
    std::uint64_t sessions_exported = 0;   ///< given to another process
    std::uint64_t sessions_imported = 0;   ///< that another process began
    std::uint64_t datagrams_withheld = 0;  ///< to where a peer has moved and not shown that it is
    std::uint64_t handler_exceptions = 0;  ///< see `session_handler::run` and `server`; logged
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;

    // Now.
    std::uint64_t associations = 0;  ///< all that the table holds
    std::uint64_t half_open = 0;     ///< of these, with a handshake in progress
    std::uint64_t sessions = 0;      ///< of these, established

    // Load and policy, now. With several threads, sums but where it says so.
    std::uint64_t load_high = 0;     ///< threads under high load (`load_marks`)
    std::uint64_t load_changes = 0;  ///< how often a thread's load became high, or normal again
    std::uint64_t hellos_per_second = 0;
    std::uint64_t handshake_cpu_percent = 0;    ///< CPU time of handshakes; a thread's is 100 at most
    std::uint64_t handshake_steps_waiting = 0;  ///< for `server_config::handshake_threads`
    std::uint64_t trust_all_networks = 0;       ///< not summed: 1 when the policy says so
    std::uint64_t never_networks = 0;           ///< not summed: networks that some rule has at `never`
    std::uint64_t reloads = 0;                  ///< not summed: configurations taken since the start

    /// Always true of a server that has stopped; of one at work, as soon as it is between two datagrams.
    [[nodiscard]] bool balanced() const noexcept
    {
        return received == delivered + answered + dropped.total();
    }
};

/// Adds each count of `other`.
metrics& operator+=(metrics& sum, const metrics& other) noexcept;

}  // namespace quivive
