#include "gate/key_ring.hpp"

#include <utility>

namespace quivive::gate {

namespace {

void wipe(tls::cookie_key& key) noexcept
{
    volatile std::byte* const bytes = key.data();
    for (std::size_t i = 0; i < key.size(); ++i) bytes[i] = std::byte{0};
}

/// A key on its way into the ring, of which no copy stays on the stack.
struct drawn_key {
    explicit drawn_key(const random_source& random) { random(bytes); }
    ~drawn_key() { wipe(bytes); }
    drawn_key(const drawn_key&) = delete;
    drawn_key& operator=(const drawn_key&) = delete;

    tls::cookie_key bytes{};
};

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

bool key_ring::rotate(time_point now) noexcept
try {
    if (now < next_rotation_) return true;
    // After a quiet time longer than a period the current key is too old to be accepted any more.
    const bool both = now >= next_rotation_ + period_;
    const drawn_key fresh{random_};
    if (both)
        previous_ = drawn_key{random_}.bytes;
    else
        previous_ = current_;
    current_ = fresh.bytes;
    next_rotation_ = both ? now + period_ : next_rotation_ + period_;
    return true;
} catch (...) {
    return false;
}

}  // namespace quivive::gate
