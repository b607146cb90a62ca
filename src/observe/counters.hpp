#pragma once

#include "quivive/drop_reason.hpp"
#include "quivive/metrics.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace quivive::observe {

/// A counter that one thread writes and any thread may read. `add` costs no more than a plain addition.
class counter {
public:
    void add(std::uint64_t n = 1) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class drop_counters {
public:
    void note(drop_reason reason) noexcept { by_reason_[static_cast<std::size_t>(reason)].add(); }
    [[nodiscard]] drop_counts snapshot() const noexcept;

private:
    std::array<counter, drop_reason_count> by_reason_;
};

/// Counters of one shard, with the members of `quivive::metrics`.
struct counters {
    counter received, received_bytes, delivered, answered;
    drop_counters dropped, discarded;
    counter receive_errors;
    counter sent, sent_bytes, send_errors, send_dropped, send_runs_refused;
    counter cookies_proven, admitted_unproven, version_alerts, flights_withheld;
    counter handshakes_started, handshakes_completed, handshakes_failed, handshakes_wrong_key,
        server_names_rejected, handshakes_without_ems, handshakes_without_secure_renegotiation,
        handshakes_timed_out, handshakes_displaced, resumptions, resumptions_refused, sessions_without_ems,
        flights_repeated;
    counter sessions_closed, sessions_replaced, sessions_idled_out, sessions_moved, handler_exceptions;
    counter moves_undone, sessions_exported, sessions_imported;
    counter datagrams_withheld;
    counter messages_received, messages_sent;
    counter associations, half_open, sessions;
    counter load_high, load_changes, hellos_per_second, handshake_cpu_percent;

    [[nodiscard]] metrics snapshot() const noexcept;
};

}  // namespace quivive::observe
