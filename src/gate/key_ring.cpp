#include "gate/key_ring.hpp"

#include "wire/wipe.hpp"

#include <utility>

namespace quivive::gate {

namespace {

/// A new key for the ring. Wiped on destruction, so that no copy stays on the stack.
struct drawn_key {
    explicit drawn_key(const random_source& random) { random(bytes); }
    ~drawn_key() { wire::wipe(bytes); }
    drawn_key(const drawn_key&) = delete;
    drawn_key& operator=(const drawn_key&) = delete;

    tls::cookie_key bytes{};
};

}  // namespace

key_ring::key_ring(duration rotate_every, random_source random, time_point now)
    : period_{rotate_every}, random_{std::move(random)}, next_rotation_{now + rotate_every}
{
    // Two fresh keys: no peer has a cookie of the previous one, and none can guess one.
    random_(keys_[0]);
    random_(keys_[1]);
}

key_ring::~key_ring()
{
    wire::wipe(keys_[0]);
    wire::wipe(keys_[1]);
}

bool key_ring::refresh(time_point now) noexcept
try {
    if (now < next_rotation_) return true;
    // After more than one period without a call, the current key is too old to be accepted.
    const bool both = now >= next_rotation_ + period_;
    const drawn_key fresh{random_};
    if (both)
        keys_[1] = drawn_key{random_}.bytes;
    else
        keys_[1] = keys_[0];
    keys_[0] = fresh.bytes;
    next_rotation_ = both ? now + period_ : next_rotation_ + period_;
    return true;
} catch (...) {
    return false;
}

}  // namespace quivive::gate
