#pragma once

#include "tls/cookie_functions.hpp"
#include "wire/time.hpp"

#include <span>

namespace quivive::gate {

/// The live cookie keys. Not thread-safe.
class cookie_keys {
public:
    virtual ~cookie_keys() = default;

    /// Brings the keys up to date: to be called before each use. False when they are due and could not be
    /// made: then no key may be used, and the next call tries again.
    [[nodiscard]] virtual bool refresh(time_point now) noexcept = 0;

    /// Those whose cookies are accepted, the likeliest first. The first one signs. Never empty; good until
    /// the next `refresh`.
    [[nodiscard]] virtual std::span<const tls::cookie_key> live() const noexcept = 0;
};

}  // namespace quivive::gate
