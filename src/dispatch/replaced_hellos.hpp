#pragma once

#include "wire/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

namespace quivive::dispatch {

struct member;

/// The random of a ClientHello, folded: tells repeats from newcomers. A client that makes two the same fools
/// itself only.
using hello_mark = std::array<std::byte, 14>;

[[nodiscard]] inline hello_mark mark_of(wire::bytes random) noexcept
{
    hello_mark mark{};
    for (std::size_t i = 0; i < random.size(); ++i) mark[i % mark.size()] ^= random[i];
    return mark;
}

/// The hellos of clients that began anew before their handshakes were finished: the last four of each, for as
/// long as what they have begun lasts. A repeat of one that the network has delayed must not bring its
/// handshake back. Few members have any; so there is nothing of this in a member.
class replaced_hellos {
public:
    /// `who` begins in the place of `before`, which that hello made. May throw std::bad_alloc.
    void add(const member& who, const member& before, const hello_mark& made_before)
    {
        auto& its = of_[&who];
        if (const auto found = of_.find(&before); found != of_.end()) its = found->second;
        its.last[its.count++ % its.last.size()] = made_before;
    }
    [[nodiscard]] bool has(const member& who, const hello_mark& mark) const noexcept
    {
        const auto found = of_.find(&who);
        if (found == of_.end()) return false;
        const auto& last = found->second.last;
        const auto end = last.begin() + std::min(found->second.count, last.size());
        return std::find(last.begin(), end, mark) != end;
    }
    void forget(const member& who) noexcept { of_.erase(&who); }

private:
    struct marks {
        std::array<hello_mark, 4> last{};
        std::size_t count = 0;  ///< of all that there were
    };
    std::map<const member*, marks> of_;
};

}  // namespace quivive::dispatch
