#pragma once

#include "tls/cookie_functions.hpp"
#include "wire/time.hpp"

#include <functional>
#include <span>

namespace quivive::gate {

/// Where fresh keys come from; passed in, as time is.
using random_source = std::function<void(std::span<std::byte>)>;

/// The two live cookie keys (RFC 6347 4.2.1: the secret SHOULD change often, and the former one be accepted
/// for a while). A key signs for one period and is accepted for one more. Wiped when it dies. Allocates
/// nothing once made. Not thread-safe.
class key_ring {
public:
    /// Throws what `random` throws.
    key_ring(duration rotate_every, random_source random, time_point now);
    ~key_ring();
    key_ring(const key_ring&) = delete;
    key_ring& operator=(const key_ring&) = delete;

    /// Brings the keys up to date: to be called before each use. False when they are due and `random` failed:
    /// the keys are as before, too old to be used, and the next call tries again.
    [[nodiscard]] bool rotate(time_point now) noexcept;

    [[nodiscard]] const tls::cookie_key& current() const noexcept { return current_; }
    [[nodiscard]] const tls::cookie_key& previous() const noexcept { return previous_; }

private:
    duration period_;
    random_source random_;
    tls::cookie_key current_{};
    tls::cookie_key previous_{};
    time_point next_rotation_;
};

}  // namespace quivive::gate
