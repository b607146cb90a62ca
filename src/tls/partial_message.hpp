#pragma once

#include "tls/whole_message.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::tls {

/// The place in its message behind a fragment's last byte.
[[nodiscard]] inline std::uint32_t end_of(const wire::handshake_view& fragment) noexcept
{
    return fragment.fragment_offset + static_cast<std::uint32_t>(fragment.body.size());
}

/// A handshake message of which fragments have come (RFC 6347 4.2.3): in any order, some twice, some
/// overlapping. It holds the bytes that have come and no others, whatever length the fragments claim. A
/// fragment costs what its own bytes cost, whatever came before: nobody authenticates it.
class partial_message {
public:
    /// Begins the message that `first` is a fragment of; the fragment itself is still to be added.
    explicit partial_message(const wire::handshake_view& first) noexcept;

    [[nodiscard]] std::uint16_t message_seq() const noexcept { return seq_; }

    /// Pieces that touch become one up to this size: what an addition has to move stays little.
    static constexpr std::size_t joined_size = 2'048;
    /// By which a piece grows at least.
    static constexpr std::size_t least_stride = 32;

    /// Whether the fragment says the same of its message as those that have come: its type, its length, and
    /// the bytes that they have in common. Precondition of this and the next three: it has the same
    /// message_seq and lies within the length that it claims.
    [[nodiscard]] bool agrees_with(const wire::handshake_view& fragment) const noexcept;

    /// How many bytes of a fragment that agrees have not come yet.
    [[nodiscard]] std::size_t missing_of(const wire::handshake_view& fragment) const noexcept;

    /// Whether it is too scattered already for one that agrees, and touches nothing that has come.
    [[nodiscard]] bool is_too_scattered_for(const wire::handshake_view& fragment) const noexcept;

    /// Adds one that agrees. When it throws std::bad_alloc nothing has changed.
    void add(const wire::handshake_view& fragment);

    /// Memory for the bytes that have come.
    [[nodiscard]] std::size_t size_bytes() const noexcept
    {
        return wire::handshake_header_size + reserved_ + pieces_.size() * bytes_a_piece;
    }
    /// Memory that each piece takes beside its own bytes.
    static constexpr std::size_t bytes_a_piece = 48;
    /// Memory that a fragment of a message that has begun takes at most beside its own bytes: a piece of its
    /// own, or the stride of the one that it joins.
    static constexpr std::size_t most_beside = std::max(bytes_a_piece, joined_size / 8 + least_stride);
    /// Fragments of the usual sizes leave a few pieces, whatever their order.
    static constexpr std::size_t most_pieces = 128;

    /// How many of its bytes have come.
    [[nodiscard]] std::size_t size_come() const noexcept { return come_; }
    [[nodiscard]] bool whole() const noexcept { return come_ == length_; }

    /// Precondition: whole. Leaves nothing; when it throws std::bad_alloc nothing has changed.
    [[nodiscard]] whole_message take();

private:
    /// Bytes of the message from `begin` on.
    struct piece {
        std::uint32_t begin = 0;
        std::vector<std::byte> bytes{};
        [[nodiscard]] std::uint32_t end() const noexcept
        {
            return begin + static_cast<std::uint32_t>(bytes.size());
        }
    };
    using iterator = std::vector<piece>::iterator;

    /// Index of the first piece that ends behind `at`.
    [[nodiscard]] std::size_t first_behind(std::uint32_t at) const noexcept;
    void put(std::uint32_t begin, wire::bytes bytes, iterator first, iterator last);

    wire::handshake_type type_;
    std::uint16_t seq_;
    std::uint32_t length_;
    std::uint32_t come_ = 0;     ///< bytes of all pieces
    std::size_t reserved_ = 0;   ///< memory for them
    std::vector<piece> pieces_;  ///< in order; no two overlap
};

}  // namespace quivive::tls
