#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace quivive::wire {

using bytes = std::span<const std::byte>;

/// Reads big-endian integers and vectors from the front of a view. A read beyond the end fails, and returns
/// zero or an empty view. Every later read then fails too, so that one check of `ok()` at the end is enough.
class reader {
public:
    explicit constexpr reader(bytes data) noexcept : rest_{data} {}

    constexpr std::uint64_t integer(std::size_t width) noexcept
    {
        std::uint64_t value = 0;
        for (const std::byte b : take(width)) value = value << 8 | std::to_integer<std::uint64_t>(b);
        return value;
    }
    constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(integer(1)); }
    constexpr std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(integer(2)); }
    constexpr std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(integer(3)); }

    constexpr bytes take(std::size_t count) noexcept
    {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const bytes taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    /// Reads a vector with a length prefix of `width` bytes (RFC 5246 4.3).
    constexpr bytes vector(std::size_t width) noexcept
    {
        return take(static_cast<std::size_t>(integer(width)));
    }

    [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }
    [[nodiscard]] constexpr bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] constexpr bytes rest() const noexcept { return rest_; }

private:
    bytes rest_;
    bool ok_ = true;
};

/// Writes `value` big-endian over the whole of `out`.
constexpr void write_integer(std::span<std::byte> out, std::uint64_t value) noexcept
{
    for (std::size_t i = out.size(); i-- > 0; value >>= 8) out[i] = static_cast<std::byte>(value & 0xff);
}

/// Copies `from` to the front of `to`, which must be large enough. The ranges may overlap. (GCC 12's
/// std::ranges::copy copies std::byte one by one.)
inline void copy(bytes from, std::span<std::byte> to) noexcept
{
    if (!from.empty()) std::memmove(to.data(), from.data(), from.size());  // null pointers are not allowed
}

/// Compares two byte ranges. Not constant-time, so not for secrets.
[[nodiscard]] inline bool equal(bytes left, bytes right) noexcept
{
    return left.size() == right.size() &&
           (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

[[nodiscard]] inline std::string_view as_text(bytes data) noexcept
{
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

[[nodiscard]] inline bytes as_bytes(std::string_view text) noexcept
{
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace quivive::wire
