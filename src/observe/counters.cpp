#include "observe/counters.hpp"

namespace quivive::observe {

drop_counts drop_counters::snapshot() const noexcept
{
    drop_counts counts;
    for (std::size_t i = 0; i < drop_reason_count; ++i) counts.by_reason[i] = by_reason_[i].get();
    return counts;
}

metrics counters::snapshot() const noexcept
{
    return {
        .received = received.get(),
        .received_bytes = received_bytes.get(),
        .delivered = delivered.get(),
        .answered = answered.get(),
        .dropped = dropped.snapshot(),
        .discarded = discarded.snapshot(),
        .receive_errors = receive_errors.get(),
        .sent = sent.get(),
        .sent_bytes = sent_bytes.get(),
        .send_errors = send_errors.get(),
        .send_dropped = send_dropped.get(),
        .send_runs_refused = send_runs_refused.get(),
        .cookies_proven = cookies_proven.get(),
        .admitted_unproven = admitted_unproven.get(),
        .version_alerts = version_alerts.get(),
        .flights_withheld = flights_withheld.get(),
        .handshakes_started = handshakes_started.get(),
        .handshakes_completed = handshakes_completed.get(),
        .handshakes_failed = handshakes_failed.get(),
        .handshakes_wrong_key = handshakes_wrong_key.get(),
        .server_names_rejected = server_names_rejected.get(),
        .handshakes_without_ems = handshakes_without_ems.get(),
        .handshakes_without_secure_renegotiation = handshakes_without_secure_renegotiation.get(),
        .handshakes_timed_out = handshakes_timed_out.get(),
        .handshakes_displaced = handshakes_displaced.get(),
        .resumptions = resumptions.get(),
        .resumptions_refused = resumptions_refused.get(),
        .sessions_without_ems = sessions_without_ems.get(),
        .flights_repeated = flights_repeated.get(),
        .sessions_closed = sessions_closed.get(),
        .sessions_replaced = sessions_replaced.get(),
        .sessions_idled_out = sessions_idled_out.get(),
        .sessions_moved = sessions_moved.get(),
        .moves_undone = moves_undone.get(),
        .sessions_exported = sessions_exported.get(),
        .sessions_imported = sessions_imported.get(),
        .datagrams_withheld = datagrams_withheld.get(),
        .handler_exceptions = handler_exceptions.get(),
        .messages_received = messages_received.get(),
        .messages_sent = messages_sent.get(),
        .associations = associations.get(),
        .half_open = half_open.get(),
        .sessions = sessions.get(),
        .load_high = load_high.get(),
        .load_changes = load_changes.get(),
        .hellos_per_second = hellos_per_second.get(),
        .handshake_cpu_percent = handshake_cpu_percent.get(),
    };
}

}  // namespace quivive::observe
