#pragma once

#include "tls/whole_message.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::tls {

/// A handshake message of which fragments have come (RFC 6347 4.2.3): in any order, some twice, some
/// overlapping. It holds the bytes that have come and no others, whatever length the fragments claim.
class partial_message {
public:
    /// Begins the message that `first` is a fragment of; the fragment itself is still to be added.
    explicit partial_message(const wire::handshake_view& first);

    [[nodiscard]] std::uint16_t message_seq() const noexcept { return seq_; }

    /// Whether the fragment says the same of its message as those that have come: its type, its length, and
    /// the bytes that they have in common. Precondition of this and the next two: it has the same message_seq
    /// and lies within the length that it claims.
    [[nodiscard]] bool agrees_with(const wire::handshake_view& fragment) const noexcept;

    /// How many bytes of a fragment that agrees have not come yet.
    [[nodiscard]] std::size_t missing_of(const wire::handshake_view& fragment) const noexcept;

    /// Adds one that agrees. When it throws std::bad_alloc nothing has changed.
    void add(const wire::handshake_view& fragment);

    /// Memory for the bytes that have come.
    [[nodiscard]] std::size_t size_bytes() const noexcept
    {
        return bytes_.size() + parts_.size() * bytes_a_part;
    }
    /// Memory that each part with gaps around it takes beside its own bytes.
    static constexpr std::size_t bytes_a_part = 2 * sizeof(std::uint32_t);

    [[nodiscard]] bool whole() const noexcept;

    /// Precondition: whole. Leaves nothing.
    [[nodiscard]] whole_message take() noexcept;

private:
    /// [begin, end) of the message.
    struct part {
        std::uint32_t begin, end;
        [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    };

    /// Calls `visit(begin, end, at)` for each piece of [from, to) that has not come, in order; `at`: where in
    /// `bytes_` it belongs.
    template <typename Visit>
    void for_each_gap(std::uint32_t from, std::uint32_t to, Visit visit) const;
    void join(part added);

    wire::handshake_type type_;
    std::uint16_t seq_;
    std::uint32_t length_;
    std::vector<part> parts_;       ///< what has come, in order; between any two there is a gap
    std::vector<std::byte> bytes_;  ///< room for a header, then the bytes of all parts
};

}  // namespace quivive::tls
