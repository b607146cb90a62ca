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

/// The time of day, the same on all nodes. Passed in, like monotonic time.
using wall_clock = std::function<std::chrono::system_clock::time_point()>;

/// Cookie keys derived from secrets and the time of day. All holders of both accept each other's cookies:
/// workers, restarted processes, nodes. Time is divided into slots of `period`. HKDF (RFC 5869) derives the
/// key of each slot. One key reveals nothing about the others.
///
/// The first secret signs. Cookies of the second are accepted too, so that nodes may change their secret one
/// at a time. Cookies of further secrets are not accepted, so that a wrong cookie stays cheap.
///
/// Cookies of the current slot, the two before it and the next one are accepted. The clocks of two nodes may
/// differ by one slot. A node that is one slot ahead signs with the key of the next slot. A node that is one
/// slot behind may sign at the end of its slot. That cookie is two slots old at once, and must still be valid
/// for one period. A wrong cookie costs four HMACs for each of the two secrets.
class shared_keys final : public cookie_keys {
public:
    /// Maximum number of secrets used.
    static constexpr std::size_t max_secrets = 2;

    /// `shared` has at least one element.
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
    /// Slots whose cookies are accepted, relative to the current one, the most likely first.
    static constexpr std::array<std::int64_t, 4> distances{0, -1, 1, -2};
    static constexpr std::size_t slots = distances.size();

    [[nodiscard]] bool derive(const secret& shared, std::int64_t slot, tls::cookie_key& key) const noexcept;

    std::vector<secret> secrets_;
    std::chrono::milliseconds period_;
    wall_clock wall_;
    std::optional<std::int64_t> slot_;  ///< slot of `keys_`
    std::array<tls::cookie_key, slots * max_secrets> keys_{};
};

}  // namespace quivive::gate
