#include "quivive/metrics.hpp"

namespace quivive {

namespace {

void add(drop_counts& sum, const drop_counts& other) noexcept
{
    for (std::size_t i = 0; i < drop_reason_count; ++i) sum.by_reason[i] += other.by_reason[i];
}

}  // namespace

metrics& operator+=(metrics& sum, const metrics& other) noexcept
{
    add(sum.dropped, other.dropped);
    add(sum.discarded, other.discarded);
    for (const auto member : {&metrics::received,
                              &metrics::received_bytes,
                              &metrics::delivered,
                              &metrics::answered,
                              &metrics::receive_errors,
                              &metrics::sent,
                              &metrics::sent_bytes,
                              &metrics::send_errors,
                              &metrics::send_dropped,
                              &metrics::send_runs_refused,
                              &metrics::cookies_proven,
                              &metrics::admitted_unproven,
                              &metrics::version_alerts,
                              &metrics::flights_withheld,
                              &metrics::handshakes_started,
                              &metrics::handshakes_completed,
                              &metrics::handshakes_failed,
                              &metrics::handshakes_wrong_key,
                              &metrics::server_names_rejected,
                              &metrics::handshakes_without_ems,
                              &metrics::handshakes_without_secure_renegotiation,
                              &metrics::handshakes_timed_out,
                              &metrics::handshakes_displaced,
                              &metrics::resumptions,
                              &metrics::resumptions_refused,
                              &metrics::sessions_without_ems,
                              &metrics::flights_repeated,
                              &metrics::sessions_closed,
                              &metrics::sessions_replaced,
                              &metrics::sessions_idled_out,
                              &metrics::sessions_moved,
                              &metrics::moves_undone,
                              &metrics::sessions_exported,
                              &metrics::sessions_imported,
                              &metrics::datagrams_withheld,
                              &metrics::handler_exceptions,
                              &metrics::messages_received,
                              &metrics::messages_sent,
                              &metrics::associations,
                              &metrics::half_open,
                              &metrics::sessions,
                              &metrics::load_high,
                              &metrics::load_changes,
                              &metrics::hellos_per_second,
                              &metrics::handshake_cpu_percent,
                              &metrics::handshake_steps_waiting})
        sum.*member += other.*member;
    return sum;
}

}  // namespace quivive
