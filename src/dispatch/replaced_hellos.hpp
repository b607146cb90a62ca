#pragma once

#include "wire/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace quivive::dispatch {

/// The random of a ClientHello, folded: tells repeats from newcomers. A client that makes two the same fools
/// itself only.
using hello_mark = std::array<std::byte, 14>;

[[nodiscard]] inline hello_mark mark_of(wire::bytes random) noexcept
{
    hello_mark mark{};
    for (std::size_t i = 0; i < random.size(); ++i) mark[i % mark.size()] ^= random[i];
    return mark;
}

/// The hellos of a peer that began anew before its handshake was finished, the last four. A repeat of one of
/// them that the network has delayed must not bring its handshake back.
class replaced_hellos {
public:
    void add(const hello_mark& mark) noexcept
    {
        if (has(mark)) return;
        marks_[count_ % marks_.size()] = mark;
        ++count_;
    }
    [[nodiscard]] bool has(const hello_mark& mark) const noexcept
    {
        const auto known = std::min(count_, marks_.size());
        return std::find(marks_.begin(), marks_.begin() + known, mark) != marks_.begin() + known;
    }

private:
    std::array<hello_mark, 4> marks_{};
    std::size_t count_ = 0;  ///< of all that there were
};

}  // namespace quivive::dispatch
