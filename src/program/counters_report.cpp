#include "program/counters_report.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace quivive::program {
namespace {

/// Counters that the balance line shows.
constexpr std::array in_balance{&metrics::received, &metrics::delivered, &metrics::answered};

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

std::string counters_report(const metrics& counted, std::span<const named_count> others)
{
    std::string report;
    for (const auto& metric : all_metrics())
        if (std::ranges::find(in_balance, metric.value) == in_balance.end())
            add_line(report, metric.name, counted.*metric.value);
    add_balance(report, counted);
    add_reasons(report, "dropped", counted.dropped);
    add_reasons(report, "discarded", counted.discarded);
    for (const auto& other : others) add_line(report, other.name, other.value);
    return report;
}

}  // namespace quivive::program
