#pragma once

#include "program/forward_buffers.hpp"
#include "program/forward_counts.hpp"
#include "quivive/observer.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

namespace quivive::program {

/// Rate limiter of one event per second. Thread-safe.
class once_a_second {
public:
    [[nodiscard]] bool is_due() noexcept
    {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        auto next = next_.load(std::memory_order_relaxed);
        return now >= next && next_.compare_exchange_strong(next, now + std::chrono::seconds{1});
    }

private:
    std::atomic<std::chrono::steady_clock::duration> next_{std::chrono::steady_clock::duration::min()};
};

/// State shared by all sessions of a forwarder.
struct forward_service {
    explicit forward_service(log_sink where) : log{std::move(where)} {}

    forward_counters counters;
    forward_buffers buffers;
    log_sink log;  ///< optional
    once_a_second too_large_logged;
    once_a_second no_socket_logged;
};

}  // namespace quivive::program
