#include "record/aead_cache.hpp"

#include <new>

namespace quivive::record {

void aead_cache::give_back(slot last, const void* owner) noexcept
{
    if (last < slots_.size() && slots_[last].owner == owner) slots_[last] = {};
}

std::span<std::byte> aead_cache::scratch(std::size_t size) noexcept
try {
    if (scratch_.size() < size) scratch_ = wire::secret_bytes(size);
    return std::span{scratch_}.first(size);
} catch (const std::bad_alloc&) {
    return {};
}

aead* aead_cache::make(slot& last, const void* owner, cipher which, wire::bytes key) noexcept
{
    auto made = make_(which, key);
    if (!made) return nullptr;
    last = next_unused();
    slots_[last] = {owner, true, std::move(made)};
    return slots_[last].held.get();
}

/// Advances the clock hand and clears the "used" flags on its way, until it finds a slot without one.
aead_cache::slot aead_cache::next_unused() noexcept
{
    for (;;) {
        auto& at = slots_[hand_];
        const auto here = static_cast<slot>(hand_);
        hand_ = hand_ + 1 < slots_.size() ? hand_ + 1 : 0;
        if (!at.used) return here;
        at.used = false;
    }
}

}  // namespace quivive::record
