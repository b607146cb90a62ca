#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <cstdint>
#include <optional>

namespace quivive::tls {

/// Looks at the handshake messages of epoch 0 before GnuTLS does, which trusts them more than it should: it
/// allocates what a header claims, merges fragments that contradict each other (CVE-2026-33846, -33845,
/// -42009), gives up after six messages out of order, and refuses all data of a session as long as a message
/// that overtook others is left over. So it is fed fragments of the next message only, all of one mind.
class handshake_filter {
public:
    enum class verdict : unsigned char {
        feed,    ///< of the next message
        keep,    ///< of a later one: to be judged again
        repeat,  ///< of one that our flight has answered: the peer has not got that flight
        drop,
    };
    struct judgement {
        verdict what = verdict::drop;
        drop_reason why = drop_reason::inconsistent_fragment;  ///< unless it is fed
    };

    /// `first` is the message_seq of the peer's first message.
    handshake_filter(std::size_t max_message_bytes, std::uint16_t first) noexcept
        : max_bytes_{max_message_bytes}, first_{first}, answered_{first}, next_{first}
    {
    }

    /// Whether a record's payload is whole messages or fragments, and not too many. Empty: it is.
    [[nodiscard]] static std::optional<drop_reason> check_shape(wire::bytes payload) noexcept;

    [[nodiscard]] judgement judge(const wire::handshake_view& message) noexcept;

    /// GnuTLS has taken so many whole messages by now.
    void taken(std::uint32_t messages) noexcept;

    /// Our flight has answered all that were taken.
    void answered() noexcept { answered_ = next_; }

private:
    /// Fragments in one record. No implementation has need of so many, and each costs a call of GnuTLS.
    static constexpr std::size_t max_fragments_in_record = 8;
    /// How far a message may be ahead: a flight in the clear has at most six (RFC 5246 7.3).
    static constexpr std::uint32_t window = 8;

    struct claim {
        wire::handshake_type type{};
        std::uint32_t length = 0;
    };

    std::size_t max_bytes_;
    std::uint32_t first_, answered_, next_;
    std::optional<claim> claim_;  ///< what the first fragment of the next message said of it
};

}  // namespace quivive::tls
