#pragma once

#include "quivive/network.hpp"
#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <vector>

namespace quivive::gate {

/// Maps a peer's address to the answer of the first rule with a network that contains it, otherwise to the
/// default.
///
/// The network boundaries divide the addresses of each family into ranges with one answer each, computed by
/// the constructor. A lookup is a binary search over the boundaries: 11 comparisons for 1 000 networks,
/// however they overlap. Immutable, so safe to use from several threads.
template <typename Answer>
class network_map {
public:
    struct rule {
        std::span<const network> networks;  ///< not used after construction
        Answer answer;
    };

    network_map(const std::vector<rule>& rules, Answer otherwise)
        : v4_{cut(rules, otherwise, true)}, v6_{cut(rules, otherwise, false)}
    {
    }

    /// Returns the answer for `peer`; its port and scope do not matter.
    [[nodiscard]] Answer find(const wire::endpoint& peer) const noexcept
    {
        const auto& family = peer.is_v4() ? v4_ : v6_;
        const auto behind = std::ranges::upper_bound(family, number(peer.address), {}, &range::begin);
        return std::prev(behind)->answer;
    }

    /// Returns whether some address has this answer.
    [[nodiscard]] bool has(const Answer& answer) const noexcept
    {
        return std::ranges::find(v4_, answer, &range::answer) != v4_.end() ||
               std::ranges::find(v6_, answer, &range::answer) != v6_.end();
    }

private:
    struct address_number {
        std::uint64_t high = 0, low = 0;
        friend auto operator<=>(const address_number&, const address_number&) = default;
    };
    /// Ends where the next range begins.
    struct range {
        address_number begin;
        Answer answer;
    };
    /// First address of a rule's network, or the first address after it.
    struct border {
        address_number at;
        std::size_t rule;
        bool begins;
    };
    using ranges = std::vector<range>;

    [[nodiscard]] static address_number number(const network::address_bytes& address) noexcept
    {
        wire::reader in{address};
        const auto high = in.integer(8);
        return {high, in.integer(8)};
    }
    [[nodiscard]] static std::vector<border> borders_of(const std::vector<rule>& rules, bool v4);
    [[nodiscard]] static ranges cut(const std::vector<rule>& rules, Answer otherwise, bool v4);

    ranges v4_, v6_;  // never empty; the first range begins at zero
};

template <typename Answer>
auto network_map<Answer>::borders_of(const std::vector<rule>& rules, bool v4) -> std::vector<border>
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    std::vector<border> borders;
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
        for (const auto& network : rules[rule].networks) {
            if (network.is_v4() != v4) continue;
            borders.push_back({number(network.first()), rule, true});
            auto end = number(network.last());
            if (end == address_number{most, most}) continue;  // no address follows it
            if (++end.low == 0) ++end.high;
            borders.push_back({end, rule, false});
        }
    std::ranges::sort(borders, {}, &border::at);
    return borders;
}

/// Visits all boundaries in order and tracks which rules apply. The first of these determines the answer.
template <typename Answer>
auto network_map<Answer>::cut(const std::vector<rule>& rules, Answer otherwise, bool v4) -> ranges
{
    ranges cut{{{}, otherwise}};
    std::multiset<std::size_t> holding;
    const auto borders = borders_of(rules, v4);
    for (auto at = borders.begin(); at != borders.end();) {
        const auto here = at->at;
        for (; at != borders.end() && at->at == here; ++at) {
            if (at->begins)
                holding.insert(at->rule);
            else
                holding.extract(at->rule);
        }
        const auto answer = holding.empty() ? otherwise : rules[*holding.begin()].answer;
        if (here == cut.back().begin)
            cut.back().answer = answer;
        else if (answer != cut.back().answer)
            cut.push_back({here, answer});
    }
    return cut;
}

}  // namespace quivive::gate
