#pragma once

#include "gate/key_ring.hpp"
#include "gate/shared_keys.hpp"

#include <memory>
#include <span>

namespace quivive::gate {

/// Returns keys derived from `shared` if it has a secret, otherwise random keys. Returns null in a build
/// without cookies. Throws what `random` throws.
[[nodiscard]] std::unique_ptr<cookie_keys> make_cookie_keys(duration rotate_every,
                                                            std::span<const secret> shared,
                                                            random_source random, wall_clock wall,
                                                            time_point now);

}  // namespace quivive::gate
