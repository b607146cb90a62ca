#pragma once

#include "tls/whole_message.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::tls {

/// Returns the offset in its message after a fragment's last byte.
[[nodiscard]] inline std::uint32_t end_of(const wire::handshake_view& fragment) noexcept
{
    return fragment.fragment_offset + static_cast<std::uint32_t>(fragment.body.size());
}

/// A handshake message that arrives in fragments (RFC 6347 4.2.3): in any order, some twice, some
/// overlapping. Stores only the bytes that have arrived, whatever length the fragments claim. The cost of a
/// fragment depends only on its own bytes, whatever arrived before, since fragments are not authenticated.
class partial_message {
public:
    /// Begins the message that `first` is a fragment of. Does not add the fragment itself.
    explicit partial_message(const wire::handshake_view& first) noexcept;

    [[nodiscard]] std::uint16_t message_seq() const noexcept { return seq_; }

    /// Maximum size of joined pieces. Pieces that touch are joined up to this size, so that an addition moves
    /// few bytes.
    static constexpr std::size_t joined_size = 2'048;
    /// Minimum growth of a piece.
    static constexpr std::size_t min_stride = 32;

    /// Returns true when the fragment agrees with the earlier ones: in type, in length, and in the bytes that
    /// they have in common. Precondition of this and the next three functions: the fragment has the same
    /// message_seq, and lies within the length that it claims.
    [[nodiscard]] bool agrees_with(const wire::handshake_view& fragment) const noexcept;

    /// Returns the number of bytes of an agreeing fragment that have not arrived yet.
    [[nodiscard]] std::size_t missing_of(const wire::handshake_view& fragment) const noexcept;

    /// Returns true when an agreeing fragment touches no piece, and the message has too many pieces for
    /// another one.
    [[nodiscard]] bool is_too_scattered_for(const wire::handshake_view& fragment) const noexcept;

    /// Adds an agreeing fragment. Nothing has changed when it throws std::bad_alloc.
    void add(const wire::handshake_view& fragment);

    /// Returns the memory for the bytes that have arrived.
    [[nodiscard]] std::size_t size_bytes() const noexcept
    {
        return wire::handshake_header_size + reserved_ + pieces_.size() * bytes_a_piece;
    }
    /// Memory of each piece in addition to its own bytes.
    static constexpr std::size_t bytes_a_piece = 48;
    /// Maximum memory of a fragment of a begun message in addition to its own bytes: a new piece, or the
    /// stride of the piece that it joins.
    static constexpr std::size_t max_beside = std::max(bytes_a_piece, joined_size / 8 + min_stride);
    /// Fragments of the usual sizes leave a few pieces, whatever their order.
    static constexpr std::size_t max_pieces = 128;

    /// Returns the number of bytes that have arrived.
    [[nodiscard]] std::size_t size_come() const noexcept { return come_; }
    [[nodiscard]] bool whole() const noexcept { return come_ == length_; }

    /// Takes out the message, and leaves the object empty. Precondition: the message is whole. Nothing has
    /// changed when it throws std::bad_alloc.
    [[nodiscard]] whole_message take();

private:
    /// Bytes of the message that start at `begin`.
    struct piece {
        std::uint32_t begin = 0;
        std::vector<std::byte> bytes{};
        [[nodiscard]] std::uint32_t end() const noexcept
        {
            return begin + static_cast<std::uint32_t>(bytes.size());
        }
    };
    using iterator = std::vector<piece>::iterator;

    /// Returns the index of the first piece that ends after `at`.
    [[nodiscard]] std::size_t first_behind(std::uint32_t at) const noexcept;
    void put(std::uint32_t begin, wire::bytes bytes, iterator first, iterator last);

    wire::handshake_type type_;
    std::uint16_t seq_;
    std::uint32_t length_;
    std::uint32_t come_ = 0;     ///< bytes of all pieces
    std::size_t reserved_ = 0;   ///< memory for them
    std::vector<piece> pieces_;  ///< in order, without overlaps
};

}  // namespace quivive::tls
