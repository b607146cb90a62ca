#pragma once

#include "gate/cookie_keys.hpp"
#include "quivive/credentials.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace quivive::gate {

/// The time of day, the same everywhere; passed in, as monotonic time is.
using wall_clock = std::function<std::chrono::system_clock::time_point()>;

/// Cookie keys that follow from secrets and the time of day, so that all who share both accept each other's
/// cookies: workers, restarted processes, nodes. Time is cut into slots of `period`; HKDF (RFC 5869) gives
/// each its key, of which nothing follows for the others.
///
/// The first secret signs. Cookies of the second are accepted too, so that nodes may change from one to the
/// other one after the other. Of those behind it none is, so that a wrong cookie stays cheap.
///
/// Accepted are the present slot, the two before it and the next. One node's clock may be a slot ahead of
/// another's: its present cookies are then of the next slot here; and what was signed here in the last moment
/// of a slot, by a clock that is one behind, is two slots old at once, and shall still live for a period. A
/// wrong cookie costs four HMACs for each of the two secrets.
class shared_keys final : public cookie_keys {
public:
    /// How many of the secrets count.
    static constexpr std::size_t most_secrets = 2;

    /// `shared` has one at least.
    shared_keys(std::span<const secret> shared, duration period, wall_clock wall);
    ~shared_keys() override;
    shared_keys(const shared_keys&) = delete;
    shared_keys& operator=(const shared_keys&) = delete;

    [[nodiscard]] bool refresh(time_point now) noexcept override;
    [[nodiscard]] std::span<const tls::cookie_key> live() const noexcept override
    {
        return std::span{keys_}.first(slots * secrets_.size());
    }

private:
    /// Slots whose cookies are accepted, counted from the present one, the likeliest first.
    static constexpr std::array<std::int64_t, 4> distances{0, -1, 1, -2};
    static constexpr std::size_t slots = distances.size();

    [[nodiscard]] bool derive(const secret& shared, std::int64_t slot, tls::cookie_key& key) const noexcept;

    std::vector<secret> secrets_;
    std::chrono::milliseconds period_;
    wall_clock wall_;
    std::optional<std::int64_t> slot_;  ///< that the keys are of
    std::array<tls::cookie_key, slots * most_secrets> keys_{};
};

}  // namespace quivive::gate
