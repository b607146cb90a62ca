#pragma once

#include "quivive/drop_reason.hpp"
#include "tls/message_forecast.hpp"
#include "tls/partial_message.hpp"
#include "tls/whole_message.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace quivive::tls {

/// Reassembles handshake messages of epoch 0 that arrive in fragments or out of order. GnuTLS then receives
/// whole messages in order, and never reassembles anything itself (CVE-2026-33846, -33845, -42009). The
/// fragment that arrives first determines the message's type and length. It is as good as any other, since
/// none is authenticated.
class message_assembly {
public:
    /// `capacity` is the limit in bytes for all messages together.
    explicit message_assembly(std::size_t capacity) noexcept : capacity_{capacity} {}
    /// Sets the capacity from now on; bytes already received stay.
    void limit(std::size_t capacity) noexcept { capacity_ = capacity; }

    /// Adds a fragment that lies within its claimed length, or returns the reason to drop it:
    /// - `inconsistent_fragment`: it contradicts earlier fragments of its message;
    /// - `handshake_out_of_order`: there is no space, or there are too many gaps before it.
    ///
    /// The message that is farthest from its turn is discarded first to free space. A message with
    /// contradicting fragments starts anew when a stored fragment arrives again. The other stored fragments
    /// may have been forged, and the rejected ones may have been the peer's.
    [[nodiscard]] std::optional<drop_reason> add(const wire::handshake_view& fragment) noexcept;

    /// Returns true when some bytes of this message have arrived.
    [[nodiscard]] bool has(std::uint16_t message_seq) const noexcept;

    /// Returns a forecast of the effect of a record on this message. Valid until the assembly changes.
    [[nodiscard]] message_forecast forecast(std::uint16_t message_seq) const noexcept;

    /// Takes out the message, if it is whole and memory suffices. Discards the messages before it.
    [[nodiscard]] std::optional<whole_message> take(std::uint16_t message_seq) noexcept;

    /// Discards the messages with contradicting fragments.
    void remove_disputed() noexcept;

    [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
    [[nodiscard]] std::size_t size_bytes() const noexcept;

private:
    struct entry {
        partial_message message;
        bool disputed = false;
    };
    [[nodiscard]] std::vector<entry>::iterator first_from(std::uint16_t message_seq) noexcept;
    [[nodiscard]] bool make_room(std::size_t more, std::uint16_t message_seq) noexcept;

    std::size_t capacity_;
    std::vector<entry> messages_;  ///< ordered by message_seq; few, since messages far ahead are never added
};

}  // namespace quivive::tls
