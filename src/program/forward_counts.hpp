#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quivive::program {

/// Events that a forwarder counts.
enum class forward_event : unsigned char {
    to_backend,  ///< a client's message was sent to the back end
    to_client,   ///< a message of the back end was sent to its client
    too_large,   ///< a message of the back end was too large for the session, and dropped
    empty,       ///< a message of the back end was empty, which an attached session cannot send, and dropped
    refused,     ///< the back end, or a router on the path, refused a message (ICMP)
    failed,      ///< sending or receiving a message failed for another reason
    no_socket,   ///< a session was closed because no socket could be opened
    idle,        ///< a session was closed after `forward_rule::idle_timeout`
};
inline constexpr std::size_t forward_event_count = 8;

/// Returns the counter's name, such as "forward_to_backend".
[[nodiscard]] std::string_view name_of(forward_event event) noexcept;

/// Returns the help text of the metric.
[[nodiscard]] std::string_view help_of(forward_event event) noexcept;

/// Snapshot of the counters, indexed by `forward_event`.
struct forward_counts {
    std::array<std::uint64_t, forward_event_count> by_event{};

    [[nodiscard]] std::uint64_t operator[](forward_event event) const noexcept
    {
        return by_event[static_cast<std::size_t>(event)];
    }
};

/// Adds each count of `other`.
forward_counts& operator+=(forward_counts& sum, const forward_counts& other) noexcept;

/// The counters, shared by all threads of a server.
class forward_counters {
public:
    void add(forward_event event) noexcept
    {
        by_event_[static_cast<std::size_t>(event)].fetch_add(1, std::memory_order_relaxed);
    }
    [[nodiscard]] forward_counts read() const noexcept;

private:
    std::array<std::atomic<std::uint64_t>, forward_event_count> by_event_{};
};

}  // namespace quivive::program
