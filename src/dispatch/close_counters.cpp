#include "dispatch/close_counters.hpp"

namespace quivive::dispatch {

namespace {

void count_failure(observe::counters& counters, const error_code& why) noexcept
{
    counters.handshakes_failed.add();
    if (why == errc::wrong_key) counters.handshakes_wrong_key.add();
    if (why == errc::server_name_rejected) counters.server_names_rejected.add();
    if (why == errc::no_extended_master_secret) counters.handshakes_without_ems.add();
    if (why == errc::no_secure_renegotiation) counters.handshakes_without_secure_renegotiation.add();
}

}  // namespace

void count_close(observe::counters& counters, const sessions::association& association,
                 bool was_session) noexcept
{
    if (was_session) {
        counters.sessions_closed.add();
        if (association.close_reason() == sessions::close_reason::replaced) counters.sessions_replaced.add();
        if (association.close_reason() == sessions::close_reason::idle_timeout)
            counters.sessions_idled_out.add();
        return;
    }
    switch (association.close_reason()) {
        case sessions::close_reason::handshake_timeout:
            counters.handshakes_timed_out.add();
            break;
        case sessions::close_reason::displaced:
            counters.handshakes_displaced.add();
            break;
        case sessions::close_reason::handshake_failed:
            count_failure(counters, association.handshake_error());
            break;
        default:
            break;
    }
}

}  // namespace quivive::dispatch
