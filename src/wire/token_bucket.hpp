#pragma once

#include "wire/time.hpp"

#include <algorithm>
#include <cstddef>

namespace quivive::wire {

/// So many at once, and then one more at a time. Full at first. Eight bytes; how large it is, and how fast it
/// is refilled, is said with each call.
class token_bucket {
public:
    /// Whether there is one left, which is then taken: of `size` at the most, one more every `refill`.
    [[nodiscard]] bool take(time_point now, std::size_t size, duration refill) noexcept
    {
        const auto full = std::max(full_, now);
        if (size == 0 || full - now > static_cast<duration::rep>(size - 1) * refill) return false;
        full_ = full + refill;
        return true;
    }

private:
    time_point full_{};  ///< when it will be full again
};

}  // namespace quivive::wire
