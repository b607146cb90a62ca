#include "program/counters_report.hpp"

#include <array>
#include <string_view>

namespace quivive::program {
namespace {

struct counter {
    std::string_view name;
    std::uint64_t metrics::*value;
};

constexpr std::array counters{
    counter{"received_bytes", &metrics::received_bytes},
    counter{"sent", &metrics::sent},
    counter{"sent_bytes", &metrics::sent_bytes},
    counter{"send_errors", &metrics::send_errors},
    counter{"send_dropped", &metrics::send_dropped},
    counter{"cookies_proven", &metrics::cookies_proven},
    counter{"admitted_unproven", &metrics::admitted_unproven},
    counter{"handshakes_started", &metrics::handshakes_started},
    counter{"handshakes_completed", &metrics::handshakes_completed},
    counter{"handshakes_failed", &metrics::handshakes_failed},
    counter{"handshakes_timed_out", &metrics::handshakes_timed_out},
    counter{"handshakes_displaced", &metrics::handshakes_displaced},
    counter{"resumptions", &metrics::resumptions},
    counter{"flights_repeated", &metrics::flights_repeated},
    counter{"sessions_closed", &metrics::sessions_closed},
    counter{"sessions_replaced", &metrics::sessions_replaced},
    counter{"sessions_idled_out", &metrics::sessions_idled_out},
    counter{"handler_exceptions", &metrics::handler_exceptions},
    counter{"messages_received", &metrics::messages_received},
    counter{"messages_sent", &metrics::messages_sent},
};

void add_line(std::string& report, std::string_view name, std::uint64_t value)
{
    report.append(name).append(1, ' ').append(std::to_string(value)).append(1, '\n');
}

void add_balance(std::string& report, const metrics& counted)
{
    report += "received " + std::to_string(counted.received) + " = delivered " +
              std::to_string(counted.delivered) + " + answered " + std::to_string(counted.answered) +
              " + dropped " + std::to_string(counted.dropped.total()) + '\n';
}

void add_reasons(std::string& report, std::string_view what, const drop_counts& counts)
{
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        if (counts[reason] == 0) continue;
        add_line(report, std::string{what} + '.' + std::string{to_string(reason)}, counts[reason]);
    }
}

}  // namespace

std::string counters_report(const metrics& counted)
{
    std::string report;
    for (const auto& [name, value] : counters) add_line(report, name, counted.*value);
    add_balance(report, counted);
    add_reasons(report, "dropped", counted.dropped);
    add_reasons(report, "discarded", counted.discarded);
    return report;
}

}  // namespace quivive::program
