#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>

namespace quivive::tls {

/// Checks the handshake messages of epoch 0 before any of their bytes are kept: their order, and the length
/// that they claim. `message_assembly` takes those that pass, and reports contradictions between them.
class handshake_filter {
public:
    enum class action : unsigned char {
        take,    ///< belongs to the next message, or to a later one
        repeat,  ///< belongs to a message that this side's flight has answered: the peer has not received
                 ///< that flight
        refuse,  ///< belongs to a message that is certainly too long: send an alert to the peer
        drop,
    };
    struct filter_result {
        action what = action::drop;
        drop_reason why = drop_reason::inconsistent_fragment;  ///< valid unless the fragment is taken
    };

    /// `first` is the message_seq of the peer's first message. `vouched` is true when the first fragment is
    /// certainly the peer's: a gate has admitted it.
    handshake_filter(std::size_t max_message_bytes, std::uint16_t first, bool vouched) noexcept
        : max_bytes_{static_cast<std::uint32_t>(max_message_bytes)},
          first_{first},
          answered_{first},
          next_{first},
          vouched_{vouched}
    {
    }

    [[nodiscard]] filter_result check(const wire::handshake_view& message) noexcept;

    /// Returns true for a sound fragment of the next expected message.
    [[nodiscard]] bool is_next(const wire::handshake_view& message) const noexcept;

    /// Reports that GnuTLS has taken this many whole messages.
    void taken(std::uint32_t messages) noexcept;

    /// Returns the message_seq of the peer's first message.
    [[nodiscard]] std::uint16_t first() const noexcept { return static_cast<std::uint16_t>(first_); }
    /// Returns the message_seq of the next expected message.
    [[nodiscard]] std::uint16_t next() const noexcept { return static_cast<std::uint16_t>(next_); }
    [[nodiscard]] std::size_t max_message_bytes() const noexcept { return max_bytes_; }

    /// Reports that this side's flight has answered all messages taken.
    void answered() noexcept { answered_ = next_; }

private:
    /// Maximum distance of a message from the next expected one. An unencrypted flight has at most six
    /// messages (RFC 5246 7.3).
    static constexpr std::uint32_t window = 8;

    [[nodiscard]] std::size_t max_size_of(wire::handshake_type type) const noexcept;
    [[nodiscard]] filter_result check_oversized(const wire::handshake_view& message, bool vouched) noexcept;

    // Ordered without padding, since each half-open handshake has one.
    std::uint32_t max_bytes_, first_, answered_, next_;
    std::uint32_t oversized_bytes_ = 0;  ///< bytes of overlong messages since the last one taken
    bool vouched_;
};

}  // namespace quivive::tls
