#include "gate/make_cookie_keys.hpp"

#include "gate/build.hpp"

namespace quivive::gate {

std::unique_ptr<cookie_keys> make_cookie_keys(duration rotate_every, std::span<const secret> shared,
                                              random_source random, wall_clock wall, time_point now)
{
    if constexpr (!can_challenge) return nullptr;
    if (!shared.empty()) return std::make_unique<shared_keys>(shared, rotate_every, std::move(wall));
    return std::make_unique<key_ring>(rotate_every, std::move(random), now);
}

}  // namespace quivive::gate
