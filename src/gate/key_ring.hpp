#pragma once

#include "gate/cookie_keys.hpp"
#include "gate/random_source.hpp"

#include <array>
#include <span>

namespace quivive::gate {

/// The two live cookie keys. RFC 6347 4.2.1: the secret SHOULD change often, and the previous one be accepted
/// for a while. A key signs for one period and is accepted for one more. The destructor wipes the keys.
/// Allocates nothing after construction. Not thread-safe.
class key_ring final : public cookie_keys {
public:
    /// Throws what `random` throws.
    key_ring(duration rotate_every, random_source random, time_point now);
    ~key_ring() override;
    key_ring(const key_ring&) = delete;
    key_ring& operator=(const key_ring&) = delete;

    [[nodiscard]] bool refresh(time_point now) noexcept override;
    [[nodiscard]] std::span<const tls::cookie_key> live() const noexcept override { return keys_; }

private:
    duration period_;
    random_source random_;
    std::array<tls::cookie_key, 2> keys_{};  ///< the current one, the previous one
    time_point next_rotation_;
};

}  // namespace quivive::gate
