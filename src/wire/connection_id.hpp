#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quivive::wire {

/// Of a hello's connection_id (RFC 9146 3).
inline constexpr std::uint16_t connection_id_extension = 54;

/// A connection id (RFC 9146 3): one side chooses it, the other puts it into each record that it protects for
/// that side. Empty: records without one, by the plain format.
template <std::size_t MaxSize>
class basic_connection_id {
public:
    static constexpr std::size_t max_size = MaxSize;

    constexpr basic_connection_id() = default;
    /// Precondition: `value.size() <= max_size`.
    explicit constexpr basic_connection_id(bytes value) noexcept
        : size_{static_cast<std::uint8_t>(value.size())}
    {
        copy(value, bytes_);
    }

    [[nodiscard]] constexpr bytes value() const noexcept { return bytes{bytes_}.first(size_); }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool is(bytes other) const noexcept { return equal(value(), other); }

    friend constexpr bool operator==(const basic_connection_id&, const basic_connection_id&) = default;

private:
    std::array<std::byte, max_size> bytes_{};
    std::uint8_t size_ = 0;
};

/// One that we have chosen.
using own_connection_id = basic_connection_id<16>;

/// One that a peer has chosen. RFC 9146 allows 255 bytes; nobody uses more than these. A client that asks for
/// more gets no ids at all; with a server that does there is no session.
using peers_connection_id = basic_connection_id<32>;

}  // namespace quivive::wire
