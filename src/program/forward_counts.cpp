#include "program/forward_counts.hpp"

namespace quivive::program {

std::string_view name_of(forward_event event) noexcept
{
    switch (event) {
        case forward_event::to_backend:
            return "forward_to_backend";
        case forward_event::to_client:
            return "forward_to_client";
        case forward_event::too_large:
            return "forward_too_large";
        case forward_event::empty:
            return "forward_empty";
        case forward_event::refused:
            return "forward_refused";
        case forward_event::failed:
            return "forward_failed";
        case forward_event::no_socket:
            return "forward_no_socket";
        case forward_event::idle:
            break;
    }
    return "forward_idle";
}

forward_counts& operator+=(forward_counts& sum, const forward_counts& other) noexcept
{
    for (std::size_t i = 0; i < forward_event_count; ++i) sum.by_event[i] += other.by_event[i];
    return sum;
}

std::string forward_report(const forward_counts& counted)
{
    std::string report;
    for (std::size_t i = 0; i < forward_event_count; ++i) {
        report.append(name_of(static_cast<forward_event>(i)));
        report.append(1, ' ').append(std::to_string(counted.by_event[i])).append(1, '\n');
    }
    return report;
}

forward_counts forward_counters::read() const noexcept
{
    forward_counts now;
    for (std::size_t i = 0; i < forward_event_count; ++i)
        now.by_event[i] = by_event_[i].load(std::memory_order_relaxed);
    return now;
}

}  // namespace quivive::program
