#pragma once

#include "quivive/observer.hpp"

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

namespace quivive::runtime {

/// The user's log with a minimum severity that may change while running. Copies share one log. Thread-safe.
class level_log {
public:
    level_log(log_sink sink, log_level least) : shared_{std::make_shared<shared>(std::move(sink), least)} {}

    void set_level(log_level least) const noexcept { shared_->least.store(least, std::memory_order_relaxed); }

    /// Returns whether lines of this level are logged, so that others need not be formatted.
    [[nodiscard]] bool wants(log_level level) const noexcept
    {
        return shared_->sink && level >= shared_->least.load(std::memory_order_relaxed);
    }
    void write(log_level level, std::string_view line) const
    {
        if (wants(level)) shared_->sink(level, line);
    }

private:
    struct shared {
        shared(log_sink s, log_level l) : sink{std::move(s)}, least{l} {}
        const log_sink sink;
        std::atomic<log_level> least;
    };
    std::shared_ptr<shared> shared_;
};

}  // namespace quivive::runtime
