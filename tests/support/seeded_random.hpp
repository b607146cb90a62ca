#pragma once

#include <cstddef>
#include <cstdint>

namespace quivive::test {

/// SplitMix64 (Steele, Lea and Flood): the same numbers from the same seed on every machine.
class seeded_random {
public:
    explicit constexpr seeded_random(std::uint64_t seed) noexcept : state_{seed} {}

    constexpr std::uint64_t next() noexcept
    {
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// Returns a number below `end`; 0 when `end` is 0.
    constexpr std::size_t below(std::size_t end) noexcept { return end == 0 ? 0 : next() % end; }
    /// Returns a number from `least` to `most`.
    constexpr std::size_t between(std::size_t least, std::size_t most) noexcept
    {
        return least + below(most - least + 1);
    }
    /// Returns true with this probability.
    constexpr bool chance(double p) noexcept { return static_cast<double>(next() >> 11) * 0x1p-53 < p; }

private:
    std::uint64_t state_;
};

}  // namespace quivive::test
