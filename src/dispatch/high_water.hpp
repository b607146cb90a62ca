#pragma once

#include <algorithm>
#include <cstddef>

namespace quivive::dispatch {

/// Tracks how far an amount has fallen below its peak.
class high_water {
public:
    void note(std::size_t now) noexcept
    {
        now_ = now;
        most_ = std::max(most_, now);
    }

    /// Returns the fall below the peak and restarts the peak at the current amount. Returns zero and keeps
    /// the peak while the fall is less than `least`.
    [[nodiscard]] std::size_t take_fall(std::size_t least) noexcept
    {
        const auto fall = most_ - now_;
        if (fall < least) return 0;
        most_ = now_;
        return fall;
    }

private:
    std::size_t now_ = 0, most_ = 0;
};

}  // namespace quivive::dispatch
