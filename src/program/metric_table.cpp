#include "program/metric_table.hpp"

#include <array>

namespace quivive::program {
namespace {

using enum metric::kind;
using m = metrics;

constexpr std::array table{
    metric{"received", counter, &m::received, "Datagrams received"},
    metric{"received_bytes", counter, &m::received_bytes, "Bytes of UDP payload received"},
    metric{"delivered", counter, &m::delivered, "Datagrams with a record for an association"},
    metric{"answered", counter, &m::answered,
           "Datagrams answered with a HelloVerifyRequest, or an alert protocol_version"},
    metric{"receive_errors", counter, &m::receive_errors, "Calls to receive datagrams that failed"},
    metric{"sent", counter, &m::sent, "Datagrams sent"},
    metric{"sent_bytes", counter, &m::sent_bytes, "Bytes of UDP payload sent"},
    metric{"send_errors", counter, &m::send_errors, "Datagrams that the kernel refused"},
    metric{"send_dropped", counter, &m::send_dropped, "Datagrams dropped because the send queue was full"},
    metric{"send_runs_refused", counter, &m::send_runs_refused,
           "Buffers of many datagrams (GSO) that the kernel refused; sent one by one"},
    metric{"cookies_proven", counter, &m::cookies_proven, "ClientHellos with a valid cookie"},
    metric{"admitted_unproven", counter, &m::admitted_unproven, "ClientHellos admitted without a cookie"},
    metric{"version_alerts", counter, &m::version_alerts,
           "ClientHellos without a common DTLS version (e.g. only DTLS 1.3), answered with an alert"},
    metric{"flights_withheld", counter, &m::flights_withheld,
           "Flights not sent to an unvalidated peer, beyond three times the bytes it had sent"},
    metric{"handshakes_started", counter, &m::handshakes_started, "Handshakes begun"},
    metric{"handshakes_completed", counter, &m::handshakes_completed, "Handshakes finished"},
    metric{"handshakes_failed", counter, &m::handshakes_failed,
           "Handshakes failed because of an error of either side"},
    metric{"handshakes_wrong_key", counter, &m::handshakes_wrong_key,
           "Handshakes failed because the peer has another PSK, or an unknown identity"},
    metric{"server_names_rejected", counter, &m::server_names_rejected,
           "Handshakes failed because GnuTLS refuses a server name (SNI) that is no DNS name"},
    metric{"handshakes_without_ems", counter, &m::handshakes_without_ems,
           "Handshakes refused because the client does not support the extended master secret (RFC 7627)"},
    metric{"handshakes_without_secure_renegotiation", counter, &m::handshakes_without_secure_renegotiation,
           "Handshakes refused because the client does not support secure renegotiation (RFC 5746)"},
    metric{"handshakes_timed_out", counter, &m::handshakes_timed_out, "Handshakes aborted by the timeout"},
    metric{"handshakes_displaced", counter, &m::handshakes_displaced, "Handshakes aborted for a newer one"},
    metric{"resumptions", counter, &m::resumptions, "Handshakes that resumed a session"},
    metric{"resumptions_refused", counter, &m::resumptions_refused,
           "Tickets that no longer match, so that a full handshake was performed"},
    metric{"sessions_without_ems", counter, &m::sessions_without_ems,
           "Sessions begun without an extended master secret (RFC 7627)"},
    metric{"flights_repeated", counter, &m::flights_repeated, "Flights retransmitted"},
    metric{"sessions_closed", counter, &m::sessions_closed, "Sessions ended, for any reason"},
    metric{"sessions_replaced", counter, &m::sessions_replaced,
           "Sessions replaced by a new one from the same address (RFC 6347 4.2.8)"},
    metric{"sessions_idled_out", counter, &m::sessions_idled_out, "Sessions closed by the idle timeout"},
    metric{"sessions_moved", counter, &m::sessions_moved,
           "Address changes of sessions with a connection id (RFC 9146)"},
    metric{"moves_undone", counter, &m::moves_undone,
           "Address changes undone because the same record came from the former address too (RFC 9146)"},
    metric{"sessions_exported", counter, &m::sessions_exported, "Sessions exported to another process"},
    metric{"sessions_imported", counter, &m::sessions_imported, "Sessions imported from another process"},
    metric{"datagrams_withheld", counter, &m::datagrams_withheld,
           "Datagrams not sent to a new address of a peer before the address was validated"},
    metric{"handler_exceptions", counter, &m::handler_exceptions, "Handlers that threw"},
    metric{"messages_received", counter, &m::messages_received, "Application messages received"},
    metric{"messages_sent", counter, &m::messages_sent, "Application messages sent"},
    metric{"associations", gauge, &m::associations, "Handshakes and sessions now"},
    metric{"half_open", gauge, &m::half_open, "Handshakes in progress"},
    metric{"sessions", gauge, &m::sessions, "Established sessions now"},
    metric{"load_high", gauge, &m::load_high, "Threads under high load, which challenge adaptive networks"},
    metric{"load_changes", counter, &m::load_changes,
           "How often a thread's load became high, or returned to normal"},
    metric{"hellos_per_second", gauge, &m::hellos_per_second, "ClientHellos of unknown peers, last second"},
    metric{"handshake_cpu_percent", gauge, &m::handshake_cpu_percent,
           "CPU time of handshakes in the last second, in percent; at most 100 for each thread"},
    metric{"handshake_steps_waiting", gauge, &m::handshake_steps_waiting,
           "Handshake steps that wait for a handshake thread"},
    metric{"trust_all_networks", gauge, &m::trust_all_networks, "1 when cookies.trust_all_networks is set"},
    metric{"never_networks", gauge, &m::never_networks,
           "Networks that a rule exempts from the cookie exchange"},
    metric{"reloads", counter, &m::reloads, "Configurations applied since the start"},
};

}  // namespace

std::span<const metric> all_metrics() noexcept { return table; }

}  // namespace quivive::program
