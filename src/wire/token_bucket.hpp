#pragma once

#include "wire/time.hpp"

#include <algorithm>
#include <cstddef>

namespace quivive::wire {

/// Token bucket, initially full. Takes eight bytes, since size and refill interval are passed with each call.
class token_bucket {
public:
    /// Takes a token and returns true, or returns false when none is left. The bucket holds at most `size`
    /// tokens and gains one every `refill`.
    [[nodiscard]] bool take(time_point now, std::size_t size, duration refill) noexcept
    {
        const auto full = std::max(full_, now);
        if (size == 0 || full - now > static_cast<duration::rep>(size - 1) * refill) return false;
        full_ = full + refill;
        return true;
    }

private:
    time_point full_{};  ///< time at which the bucket will be full again
};

}  // namespace quivive::wire
