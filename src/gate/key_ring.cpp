#include "gate/key_ring.hpp"

#include <utility>

namespace quivive::gate {

namespace {

void wipe(tls::cookie_key& key) noexcept
{
    volatile std::byte* const bytes = key.data();
    for (std::size_t i = 0; i < key.size(); ++i) bytes[i] = std::byte{0};
}

}  // namespace

key_ring::key_ring(duration rotate_every, random_source random, time_point now)
    : period_{rotate_every}, random_{std::move(random)}, next_rotation_{now + rotate_every}
{
    // Two fresh keys: nobody has a cookie of the previous one, and nobody can guess one.
    random_(current_);
    random_(previous_);
}

key_ring::~key_ring()
{
    wipe(current_);
    wipe(previous_);
}

void key_ring::rotate(time_point now)
{
    if (now < next_rotation_) return;
    // After a quiet time longer than a period the current key is too old to be accepted any more.
    const bool both = now >= next_rotation_ + period_;
    previous_ = current_;
    random_(current_);
    if (both) random_(previous_);
    next_rotation_ = both ? now + period_ : next_rotation_ + period_;
}

}  // namespace quivive::gate
