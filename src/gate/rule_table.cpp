#include "gate/rule_table.hpp"

#include "wire/bytes.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace quivive::gate {

/// Where a network of some rule begins, or behind which it has ended.
struct rule_table::border {
    address_number at;
    std::size_t rule;
    bool begins;
};

rule_table::rule_table(const cookie_policy& policy) : v4_{cut(policy, true)}, v6_{cut(policy, false)} {}

cookie_exchange rule_table::find(const wire::endpoint& peer) const noexcept
{
    const auto& family = peer.is_v4() ? v4_ : v6_;
    const auto behind = std::ranges::upper_bound(family, number(peer.address), {}, &range::begin);
    return std::prev(behind)->exchange;
}

bool rule_table::has(cookie_exchange exchange) const noexcept
{
    return std::ranges::find(v4_, exchange, &range::exchange) != v4_.end() ||
           std::ranges::find(v6_, exchange, &range::exchange) != v6_.end();
}

rule_table::address_number rule_table::number(const network::address_bytes& address) noexcept
{
    wire::reader in{address};
    const auto high = in.integer(8);
    return {high, in.integer(8)};
}

std::vector<rule_table::border> rule_table::borders_of(const cookie_policy& policy, bool v4)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    std::vector<border> borders;
    for (std::size_t rule = 0; rule < policy.rules.size(); ++rule)
        for (const auto& network : policy.rules[rule].networks) {
            if (network.is_v4() != v4) continue;
            borders.push_back({number(network.first()), rule, true});
            auto end = number(network.last());
            if (end == address_number{most, most}) continue;  // nothing is behind it
            if (++end.low == 0) ++end.high;
            borders.push_back({end, rule, false});
        }
    std::ranges::sort(borders, {}, &border::at);
    return borders;
}

/// Goes through all borders in order, knowing which rules hold on the way; the first of them has the say.
rule_table::ranges rule_table::cut(const cookie_policy& policy, bool v4)
{
    ranges cut{{{}, policy.exchange}};
    std::multiset<std::size_t> holding;
    const auto borders = borders_of(policy, v4);
    for (auto at = borders.begin(); at != borders.end();) {
        const auto here = at->at;
        for (; at != borders.end() && at->at == here; ++at) {
            if (at->begins)
                holding.insert(at->rule);
            else
                holding.extract(at->rule);
        }
        const auto exchange = holding.empty() ? policy.exchange : policy.rules[*holding.begin()].exchange;
        if (here == cut.back().begin)
            cut.back().exchange = exchange;
        else if (exchange != cut.back().exchange)
            cut.push_back({here, exchange});
    }
    return cut;
}

}  // namespace quivive::gate
