#include "quivive/drop_reason.hpp"

namespace quivive {

std::string_view to_string(drop_reason reason) noexcept
{
    switch (reason) {
        case drop_reason::empty_datagram:
            return "empty_datagram";
        case drop_reason::oversized_datagram:
            return "oversized_datagram";
        case drop_reason::malformed_record:
            return "malformed_record";
        case drop_reason::bad_record_type:
            return "bad_record_type";
        case drop_reason::bad_version:
            return "bad_version";
        case drop_reason::bad_epoch:
            return "bad_epoch";
        case drop_reason::short_record:
            return "short_record";
        case drop_reason::not_a_client_hello:
            return "not_a_client_hello";
        case drop_reason::malformed_client_hello:
            return "malformed_client_hello";
        case drop_reason::hello_fragment:
            return "hello_fragment";
        case drop_reason::refused_by_policy:
            return "refused_by_policy";
        case drop_reason::half_open_limit:
            return "half_open_limit";
        case drop_reason::source_half_open_limit:
            return "source_half_open_limit";
        case drop_reason::session_limit:
            return "session_limit";
        case drop_reason::accept_queue_full:
            return "accept_queue_full";
        case drop_reason::receive_queue_full:
            return "receive_queue_full";
        case drop_reason::send_queue_full:
            return "send_queue_full";
        case drop_reason::stopping:
            return "stopping";
        case drop_reason::oversized_handshake:
            return "oversized_handshake";
        case drop_reason::inconsistent_fragment:
            return "inconsistent_fragment";
        case drop_reason::too_many_fragments:
            return "too_many_fragments";
        case drop_reason::handshake_out_of_order:
            return "handshake_out_of_order";
        case drop_reason::repeated_flight:
            return "repeated_flight";
        case drop_reason::handshake_in_progress:
            return "handshake_in_progress";
        case drop_reason::stale_client_hello:
            return "stale_client_hello";
        case drop_reason::plaintext_on_session:
            return "plaintext_on_session";
        case drop_reason::plaintext_alert:
            return "plaintext_alert";
        case drop_reason::bad_record_mac:
            return "bad_record_mac";
        case drop_reason::replayed_record:
            return "replayed_record";
        case drop_reason::unexpected_record:
            return "unexpected_record";
        case drop_reason::early_data_overflow:
            return "early_data_overflow";
        case drop_reason::session_closing:
            return "session_closing";
        case drop_reason::refused_attempt:
            return "refused_attempt";
    }
    return "unknown";
}

}  // namespace quivive
