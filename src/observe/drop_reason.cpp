#include "quivive/drop_reason.hpp"

#include <array>

namespace quivive {

namespace {

/// Names in the order of the enumeration.
constexpr std::array<std::string_view, drop_reason_count> names{
    "empty_datagram",
    "oversized_datagram",
    "malformed_record",
    "bad_record_type",
    "bad_version",
    "bad_epoch",
    "short_record",
    "not_a_client_hello",
    "malformed_client_hello",
    "hello_fragment",
    "refused_by_policy",
    "challenge_failed",
    "half_open_limit",
    "source_half_open_limit",
    "session_limit",
    "accept_queue_full",
    "receive_queue_full",
    "stopping",
    "oversized_handshake",
    "inconsistent_fragment",
    "too_many_fragments",
    "handshake_out_of_order",
    "repeated_flight",
    "handshake_in_progress",
    "stale_client_hello",
    "plaintext_on_session",
    "plaintext_alert",
    "bad_record_mac",
    "replayed_record",
    "unexpected_record",
    "early_data_overflow",
    "session_closing",
    "unknown_connection_id",
    "wrong_connection_id",
    "handoff_full",
    "handshake_queue_full",
    "handshake_busy",
    "rest_of_challenged_hello",
    "unsupported_version",
    "source_session_limit",
    "half_open_memory",
    "oversized_plaintext",
};

// Missing initialisers would leave empty names at the end.
static_assert(names[static_cast<std::size_t>(drop_reason::empty_datagram)] == "empty_datagram");
static_assert(names[static_cast<std::size_t>(drop_reason::stopping)] == "stopping");
static_assert(names[static_cast<std::size_t>(drop_reason::plaintext_on_session)] == "plaintext_on_session");
static_assert(names[static_cast<std::size_t>(drop_reason::session_closing)] == "session_closing");
static_assert(names[static_cast<std::size_t>(drop_reason::unsupported_version)] == "unsupported_version");
static_assert(names[static_cast<std::size_t>(drop_reason::oversized_plaintext)] == "oversized_plaintext");

}  // namespace

std::string_view to_string(drop_reason reason) noexcept
{
    const auto place = static_cast<std::size_t>(reason);
    return place < names.size() ? names[place] : "unknown";
}

}  // namespace quivive
