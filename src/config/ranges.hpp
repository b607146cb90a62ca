#pragma once

#include "quivive/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <variant>

namespace quivive::config {

// Valid ranges of all numbers of a configuration. This is their only definition.

template <typename T>
struct range {
    T least;
    T most;
    [[nodiscard]] constexpr bool holds(const T& value) const { return least <= value && value <= most; }
};
using number_range = range<std::size_t>;
using time_range = range<std::chrono::milliseconds>;
using percent_range = range<unsigned>;

constexpr std::size_t largest_count = 1'000'000'000;
constexpr auto largest_memory =
    static_cast<std::size_t>(std::min<std::uint64_t>(1ULL << 40, std::numeric_limits<std::size_t>::max()));
/// One year, so that a time added to the clock cannot overflow.
constexpr std::chrono::milliseconds longest_time = std::chrono::hours{365 * 24};

constexpr number_range any_count{1, largest_count};
constexpr time_range any_time{std::chrono::milliseconds{0}, longest_time};

/// Minimum of `limits::half_open_bytes_total`. Each thread has at least this much, for any number of threads.
constexpr std::size_t min_half_open_bytes = 65'536;

constexpr time_range at_least(std::chrono::milliseconds least) { return {least, longest_time}; }

constexpr number_range threads_range{0, 1'024};
constexpr number_range handshake_threads_range{0, 256};
/// RFC 6347 4.1.1.1 defines no minimum. Below this one, a flight with a typical certificate chain does not
/// fit 31 records.
constexpr number_range mtu_range{256, 65'507};
/// Minimum: five random bytes plus the three of `dispatch::id_codec`, so that an id in use cannot be guessed.
/// Maximum: the size of `wire::own_connection_id`.
constexpr number_range connection_id_range{8, 16};
constexpr number_range clients_id_range{0, 16};
/// SO_RCVBUF and SO_SNDBUF take an int, which the system doubles.
constexpr number_range socket_buffer_range{0, 1'073'741'823};

/// Below one second, cookies expire before the client returns them. Above one day, a stolen key stays useful
/// for long (RFC 6347 4.2.1: the secret SHOULD change frequently).
constexpr time_range rotate_range{std::chrono::seconds{1}, std::chrono::hours{24}};
constexpr time_range hold_range{std::chrono::milliseconds{0}, std::chrono::hours{1}};
/// RFC 5246 F.1.4 suggests at most 24 hours for a session. RFC 5077 5.6 would allow a longer ticket lifetime.
constexpr time_range ticket_lifetime_range{std::chrono::seconds{1}, std::chrono::hours{24}};
/// A high mark of zero would always be reached; the load would never fall below a low mark of zero.
constexpr percent_range percent_mark_range{1, 100};

/// A member of `limits`, with its kind and range.
struct limit {
    struct count {
        std::size_t limits::*member;
        number_range range;
    };
    struct bytes {
        std::size_t limits::*member;
        number_range range;
    };
    struct time {
        std::chrono::milliseconds limits::*member;
        time_range range;
    };

    std::string_view name;
    std::variant<count, bytes, time> what;
};

/// All members of `limits`, in the order of their declaration.
inline constexpr std::array limit_table{
    limit{"max_sessions", limit::count{&limits::max_sessions, any_count}},
    limit{"max_sessions_per_source", limit::count{&limits::max_sessions_per_source, {0, largest_count}}},
    limit{"source_prefix_ipv4", limit::count{&limits::source_prefix_ipv4, {1, 32}}},
    limit{"source_prefix_ipv6", limit::count{&limits::source_prefix_ipv6, {1, 128}}},
    limit{"max_half_open", limit::count{&limits::max_half_open, any_count}},
    limit{"max_half_open_per_source", limit::count{&limits::max_half_open_per_source, any_count}},
    limit{"half_open_grace", limit::time{&limits::half_open_grace, any_time}},
    limit{"half_open_bytes_total",
          limit::bytes{&limits::half_open_bytes_total, {min_half_open_bytes, largest_memory}}},
    limit{"handshake_queue", limit::count{&limits::handshake_queue, any_count}},
    limit{"version_alerts_per_second", limit::count{&limits::version_alerts_per_second, {0, largest_count}}},
    limit{"max_unaccepted", limit::count{&limits::max_unaccepted, any_count}},
    limit{"handshake_timeout",
          limit::time{&limits::handshake_timeout, at_least(std::chrono::milliseconds{100})}},
    limit{"unproven_timeout",
          limit::time{&limits::unproven_timeout, at_least(std::chrono::milliseconds{100})}},
    limit{"idle_timeout", limit::time{&limits::idle_timeout, any_time}},
    limit{"retransmit_first",
          limit::time{&limits::retransmit_first, at_least(std::chrono::milliseconds{50})}},
    limit{"repeat_interval", limit::time{&limits::repeat_interval, any_time}},
    limit{"repeat_burst", limit::count{&limits::repeat_burst, any_count}},
    limit{"last_flight_kept", limit::time{&limits::last_flight_kept, any_time}},
    limit{"last_flight_kept_after_data", limit::time{&limits::last_flight_kept_after_data, any_time}},
    limit{"alerted_handshake_grace", limit::time{&limits::alerted_handshake_grace, any_time}},
    limit{"close_timeout", limit::time{&limits::close_timeout, any_time}},
    limit{"move_interval", limit::time{&limits::move_interval, any_time}},
    limit{"path_check_timeout",
          limit::time{&limits::path_check_timeout, at_least(std::chrono::milliseconds{100})}},
    limit{"max_handed_over", limit::count{&limits::max_handed_over, any_count}},
    limit{"unvalidated_bytes_per_second",
          limit::bytes{&limits::unvalidated_bytes_per_second, {1, largest_count}}},
    limit{"unvalidated_bytes_per_second_total",
          limit::bytes{&limits::unvalidated_bytes_per_second_total, {1, largest_count}}},
    limit{"max_datagram_bytes", limit::bytes{&limits::max_datagram_bytes, {512, 65'507}}},
    limit{"max_handshake_message_bytes",
          limit::bytes{&limits::max_handshake_message_bytes, {1'024, 131'072}}},
    limit{"receive_queue_messages", limit::count{&limits::receive_queue_messages, any_count}},
    limit{"receive_queue_bytes", limit::bytes{&limits::receive_queue_bytes, {1, largest_count}}},
    limit{"receive_queue_bytes_total", limit::bytes{&limits::receive_queue_bytes_total, {1, largest_memory}}},
    limit{"early_records", limit::count{&limits::early_records, {0, 64}}},
    limit{"ready_ciphers", limit::count{&limits::ready_ciphers, {1, 10'000'000}}},
    limit{"send_queue_datagrams", limit::count{&limits::send_queue_datagrams, any_count}},
};

}  // namespace quivive::config
