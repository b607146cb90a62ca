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

/// Puts the messages of a handshake together, of epoch 0, that come in fragments or before their turn, so
/// that GnuTLS has whole ones in order and never reassembles anything itself (CVE-2026-33846, -33845,
/// -42009). Of each message it takes the word of the fragment that comes first, which is as good as any:
/// nobody authenticates them.
class message_assembly {
public:
    /// `capacity`: bytes that all of them may have together.
    explicit message_assembly(std::size_t capacity) noexcept : capacity_{capacity} {}
    /// They may have this much from now on; what has come stays.
    void limit(std::size_t capacity) noexcept { capacity_ = capacity; }

    /// Adds a fragment that lies within the length that it claims, or says why it is dropped:
    /// `inconsistent_fragment` contradicts what has come of its message; `handshake_out_of_order` finds no
    /// room, or too many gaps before it. The message that is farthest from its turn makes room first. A
    /// message that fragments have disagreed on begins anew when one comes again that has come: perhaps the
    /// peer's were the others.
    [[nodiscard]] std::optional<drop_reason> add(const wire::handshake_view& fragment) noexcept;

    /// Whether anything has come of this message.
    [[nodiscard]] bool has(std::uint16_t message_seq) const noexcept;

    /// Foresees the effect of a record on this message. Good until the assembly changes.
    [[nodiscard]] message_forecast forecast(std::uint16_t message_seq) const noexcept;

    /// Takes out the message, if it is whole and there is memory; and forgets those before it.
    [[nodiscard]] std::optional<whole_message> take(std::uint16_t message_seq) noexcept;

    /// Forgets the messages that fragments have disagreed on.
    void forget_disputed() noexcept;

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
    std::vector<entry> messages_;  ///< by message_seq; few, since what is far ahead never gets here
};

}  // namespace quivive::tls
