#include "gate/shared_keys.hpp"

#include "tls/hkdf.hpp"
#include "wire/wipe.hpp"

#include <algorithm>
#include <string_view>

namespace quivive::gate {

namespace {

/// Domain separation: no other use of the same secret derives the same keys.
constexpr std::string_view label = "quivive cookie key 1";

}  // namespace

shared_keys::shared_keys(std::span<const secret> shared, duration period, wall_clock wall)
    : secrets_{shared.begin(),
               shared.begin() + static_cast<std::ptrdiff_t>(std::min(shared.size(), max_secrets))},
      period_{std::chrono::duration_cast<std::chrono::milliseconds>(period)},
      wall_{std::move(wall)}
{
}

shared_keys::~shared_keys()
{
    for (auto& key : keys_) wire::wipe(key);
}

bool shared_keys::refresh(time_point) noexcept
try {
    const auto today = std::chrono::floor<std::chrono::milliseconds>(wall_().time_since_epoch());
    const auto slot =
        (today - (today % period_ + period_) % period_) / period_;  // rounded down before 1970 too
    if (slot_ == slot) return true;
    slot_.reset();
    auto key = keys_.begin();
    for (const auto distance : distances)
        for (const auto& shared : secrets_)
            if (!derive(shared, slot + distance, *key++)) return false;
    slot_ = slot;
    return true;
} catch (...) {
    slot_.reset();  // the clock has failed
    return false;
}

bool shared_keys::derive(const secret& shared, std::int64_t slot, tls::cookie_key& key) const noexcept
{
    std::array<std::byte, 16> which;
    wire::write_integer(std::span{which}.first<8>(), static_cast<std::uint64_t>(slot));
    wire::write_integer(std::span{which}.last<8>(), static_cast<std::uint64_t>(period_.count()));
    return tls::hkdf_sha256(shared.bytes(), wire::as_bytes(label), which, key);
}

}  // namespace quivive::gate
