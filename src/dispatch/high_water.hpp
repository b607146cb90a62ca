#pragma once

#include <algorithm>
#include <cstddef>

namespace quivive::dispatch {

/// How far an amount has fallen from the most that it was.
class high_water {
public:
    void note(std::size_t now) noexcept
    {
        now_ = now;
        most_ = std::max(most_, now);
    }

    /// So far, since the last call that gave it; zero, and still to be given, while that is less than
    /// `least`.
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
