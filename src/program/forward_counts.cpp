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

std::string_view help_of(forward_event event) noexcept
{
    switch (event) {
        case forward_event::to_backend:
            return "Messages of clients sent to the back end";
        case forward_event::to_client:
            return "Messages of the back end sent to its clients";
        case forward_event::too_large:
            return "Messages of the back end too large for their session, dropped";
        case forward_event::empty:
            return "Empty messages of the back end, which an attached session cannot send, dropped";
        case forward_event::refused:
            return "Messages that the back end, or a router on the path, refused (ICMP)";
        case forward_event::failed:
            return "Messages that the system failed to send or receive";
        case forward_event::no_socket:
            return "Sessions closed because no socket to the back end could be opened";
        case forward_event::idle:
            break;
    }
    return "Sessions closed after the idle timeout";
}

forward_counts& operator+=(forward_counts& sum, const forward_counts& other) noexcept
{
    for (std::size_t i = 0; i < forward_event_count; ++i) sum.by_event[i] += other.by_event[i];
    return sum;
}

forward_counts forward_counters::read() const noexcept
{
    forward_counts now;
    for (std::size_t i = 0; i < forward_event_count; ++i)
        now.by_event[i] = by_event_[i].load(std::memory_order_relaxed);
    return now;
}

}  // namespace quivive::program
