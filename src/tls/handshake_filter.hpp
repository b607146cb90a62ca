#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>

namespace quivive::tls {

/// Looks at the handshake messages of epoch 0 before anything is kept of them: their turn, and the length
/// that they claim. `message_assembly` takes those that pass, and tells which contradict each other.
class handshake_filter {
public:
    enum class verdict : unsigned char {
        take,    ///< of the next message, or of a later one
        repeat,  ///< of one that our flight has answered: the peer has not got that flight
        refuse,  ///< of one that is too long, beyond doubt: the peer is to be told
        drop,
    };
    struct judgement {
        verdict what = verdict::drop;
        drop_reason why = drop_reason::inconsistent_fragment;  ///< unless it is taken
    };

    /// `first` is the message_seq of the peer's first message. `vouched`: the first fragment to come is the
    /// peer's, since a gate has let it in.
    handshake_filter(std::size_t max_message_bytes, std::uint16_t first, bool vouched) noexcept
        : max_bytes_{static_cast<std::uint32_t>(max_message_bytes)},
          first_{first},
          answered_{first},
          next_{first},
          vouched_{vouched}
    {
    }

    [[nodiscard]] judgement judge(const wire::handshake_view& message) noexcept;

    /// Whether it is a sound piece of the message whose turn it is.
    [[nodiscard]] bool has_turn(const wire::handshake_view& message) const noexcept;

    /// GnuTLS has taken so many whole messages by now.
    void taken(std::uint32_t messages) noexcept;

    /// The message_seq of the peer's first message.
    [[nodiscard]] std::uint16_t first() const noexcept { return static_cast<std::uint16_t>(first_); }
    /// The message_seq whose turn it is.
    [[nodiscard]] std::uint16_t next() const noexcept { return static_cast<std::uint16_t>(next_); }
    [[nodiscard]] std::size_t max_message_bytes() const noexcept { return max_bytes_; }

    /// Our flight has answered all that were taken.
    void answered() noexcept { answered_ = next_; }

private:
    /// How far a message may be ahead: a flight in the clear has at most six (RFC 5246 7.3).
    static constexpr std::uint32_t window = 8;

    [[nodiscard]] std::size_t most_of(wire::handshake_type type) const noexcept;
    [[nodiscard]] judgement judge_oversized(const wire::handshake_view& message, bool vouched) noexcept;

    // In an order without gaps: each half-open handshake has one.
    std::uint32_t max_bytes_, first_, answered_, next_;
    std::uint32_t oversized_bytes_ = 0;  ///< that came of messages too long, since the last that was taken
    bool vouched_;
};

}  // namespace quivive::tls
