#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quivive::wire {

/// Type of the connection_id extension (RFC 9146 3).
inline constexpr std::uint16_t connection_id_extension = 54;

/// A connection id (RFC 9146 3). One side chooses the id; the other side includes it in each protected
/// record. Empty: records use the plain format, without an id.
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

/// A connection id chosen by this side.
using own_connection_id = basic_connection_id<16>;

/// A connection id chosen by the peer. RFC 9146 allows 255 bytes; no known implementation uses more than 32.
/// If a client requests a longer id, the server negotiates no ids. If a server requests one, the handshake
/// fails.
using peers_connection_id = basic_connection_id<32>;

}  // namespace quivive::wire
