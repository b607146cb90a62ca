#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quivive::program {

/// What a forwarder counts.
enum class forward_event : unsigned char {
    to_backend,  ///< a client's message went to the back end
    to_client,   ///< a message of the back end went to its client
    too_large,   ///< one was larger than the session takes, and was dropped
    empty,       ///< one was empty, which an attached session cannot send, and was dropped
    refused,     ///< the back end, or a router before it, refused a message (ICMP)
    failed,      ///< the system did not take or give a message, for another reason
    no_socket,   ///< a session was closed, for want of a socket
    idle,        ///< a session was closed after `forward_rule::idle_timeout`
};
inline constexpr std::size_t forward_event_count = 8;

/// "forward_to_backend" and so on.
[[nodiscard]] std::string_view name_of(forward_event event) noexcept;

/// One sentence, for a scraper.
[[nodiscard]] std::string_view help_of(forward_event event) noexcept;

/// Counts at one moment, to be indexed with a `forward_event`.
struct forward_counts {
    std::array<std::uint64_t, forward_event_count> by_event{};

    [[nodiscard]] std::uint64_t operator[](forward_event event) const noexcept
    {
        return by_event[static_cast<std::size_t>(event)];
    }
};

/// Adds each count of `other`.
forward_counts& operator+=(forward_counts& sum, const forward_counts& other) noexcept;

/// The counters themselves, which all threads of a server add to.
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
