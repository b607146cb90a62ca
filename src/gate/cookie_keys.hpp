#pragma once

#include "tls/cookie_functions.hpp"
#include "wire/time.hpp"

#include <span>

namespace quivive::gate {

/// The live cookie keys. Not thread-safe.
class cookie_keys {
public:
    virtual ~cookie_keys() = default;

    /// Updates the keys; call it before each use. Returns false when new keys are due and cannot be made. No
    /// key may be used then, and the next call tries again.
    [[nodiscard]] virtual bool refresh(time_point now) noexcept = 0;

    /// Returns the keys whose cookies are accepted, the most likely first. The first key signs. Never empty;
    /// valid until the next `refresh`.
    [[nodiscard]] virtual std::span<const tls::cookie_key> live() const noexcept = 0;
};

}  // namespace quivive::gate
