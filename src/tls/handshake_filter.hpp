#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace quivive::tls {

/// Looks at the handshake messages of epoch 0 before GnuTLS does, which trusts their headers more than it
/// should: it allocates what a header claims, and merges fragments that contradict each other
/// (CVE-2026-33846, -33845, -42009).
class handshake_filter {
public:
    /// `first` is the message_seq expected first.
    handshake_filter(std::size_t max_message_bytes, std::uint16_t first) noexcept
        : max_bytes_{max_message_bytes}, first_open_{first}, next_{first}
    {
    }

    /// Empty: to be fed. `repeated_flight`: the peer repeats what our flight has answered.
    [[nodiscard]] std::optional<drop_reason> check(wire::bytes payload) noexcept;

    /// Our flight has answered all that has been seen.
    void answered() noexcept;

private:
    /// RFC 6347 4.2.2: messages that overtook others are kept; a flight has not more than this.
    static constexpr std::size_t window = 10;
    /// What GnuTLS takes at one time (buffers.c, MAX_HANDSHAKE_PACKETS).
    static constexpr std::size_t max_messages_in_record = 8;

    struct claim {
        bool made = false;
        wire::handshake_type type{};
        std::uint32_t length = 0;
    };

    [[nodiscard]] std::optional<drop_reason> check(const wire::handshake_view& message) noexcept;

    std::size_t max_bytes_;
    std::uint32_t first_open_;  ///< the message_seq of claims_[0]
    std::uint32_t next_;        ///< one beyond the highest seen
    std::array<claim, window> claims_{};
};

}  // namespace quivive::tls
