#pragma once

#include "support/tls_pair.hpp"
#include "wire/bytes.hpp"

#include <algorithm>
#include <cstdint>

namespace quivive::fuzz {

/// Reads the fuzzer's bytes as choices. After their end, every choice is the first one.
class input {
public:
    input(const std::uint8_t* data, std::size_t size) : rest_{reinterpret_cast<const std::byte*>(data), size}
    {
    }

    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] wire::bytes rest() const { return rest_; }

    std::size_t u8() { return number(1); }
    std::size_t u16() { return number(2); }
    /// Reads one byte for small ranges, two for others.
    std::size_t below(std::size_t end) { return end <= 1 ? 0 : (end <= 256 ? u8() : u16()) % end; }
    bool flip() { return (u8() & 1) != 0; }

    /// Returns the next `size` bytes, or as many as are left.
    wire::bytes take(std::size_t size)
    {
        const auto taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }
    test::octets octets(std::size_t size)
    {
        const auto taken = take(size);
        return {taken.begin(), taken.end()};
    }

private:
    std::size_t number(std::size_t width)
    {
        std::size_t value = 0;
        for (const auto b : take(width)) value = value << 8 | std::to_integer<std::size_t>(b);
        return value;
    }

    wire::bytes rest_;
};

}  // namespace quivive::fuzz
