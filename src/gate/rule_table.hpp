#pragma once

#include "quivive/cookie_policy.hpp"
#include "wire/endpoint.hpp"

#include <compare>
#include <cstdint>
#include <vector>

namespace quivive::gate {

/// Which exchange a peer's network has: that of the first rule which names it, else the policy's default.
///
/// The networks' borders cut the addresses of each family into ranges, each of which has one answer,
/// worked out when the table is made. A lookup is a search by halves among the borders: 11 comparisons for
/// 1 000 networks, however they overlap. Immutable, and so safe to use from several threads.
class rule_table {
public:
    explicit rule_table(const cookie_policy& policy);

    /// Neither port nor scope of `peer` matters.
    [[nodiscard]] cookie_exchange find(const wire::endpoint& peer) const noexcept;

    /// Whether some peer has it.
    [[nodiscard]] bool has(cookie_exchange exchange) const noexcept;

private:
    struct address_number {
        std::uint64_t high = 0, low = 0;
        friend auto operator<=>(const address_number&, const address_number&) = default;
    };
    /// Ends where the next one begins.
    struct range {
        address_number begin;
        cookie_exchange exchange;
    };
    struct border;
    using ranges = std::vector<range>;

    [[nodiscard]] static address_number number(const network::address_bytes& address) noexcept;
    [[nodiscard]] static std::vector<border> borders_of(const cookie_policy& policy, bool v4);
    [[nodiscard]] static ranges cut(const cookie_policy& policy, bool v4);

    ranges v4_, v6_;  // never empty; the first one begins at zero
};

}  // namespace quivive::gate
