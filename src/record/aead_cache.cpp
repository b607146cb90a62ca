#include "record/aead_cache.hpp"

#include <new>

namespace quivive::record {

void aead_cache::give_back(place last, const void* owner) noexcept
{
    if (last < places_.size() && places_[last].owner == owner) places_[last] = {};
}

std::span<std::byte> aead_cache::scratch(std::size_t size) noexcept
try {
    if (scratch_.size() < size) scratch_ = wire::secret_bytes(size);
    return std::span{scratch_}.first(size);
} catch (const std::bad_alloc&) {
    return {};
}

aead* aead_cache::make(place& last, const void* owner, cipher which, wire::bytes key) noexcept
{
    auto made = make_(which, key);
    if (!made) return nullptr;
    last = next_unused();
    places_[last] = {owner, true, std::move(made)};
    return places_[last].held.get();
}

/// Advances the clock hand and clears the "used" flags on its way, until it finds a place without one.
aead_cache::place aead_cache::next_unused() noexcept
{
    for (;;) {
        auto& at = places_[hand_];
        const auto here = static_cast<place>(hand_);
        hand_ = hand_ + 1 < places_.size() ? hand_ + 1 : 0;
        if (!at.used) return here;
        at.used = false;
    }
}

}  // namespace quivive::record
