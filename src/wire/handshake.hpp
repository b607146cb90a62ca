#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::wire {

/// Handshake types that quivive inspects in unencrypted records (RFC 5246 7.4, RFC 6347 4.3.2).
enum class handshake_type : std::uint8_t {
    hello_request = 0,
    client_hello = 1,
    server_hello = 2,
    hello_verify_request = 3,
    new_session_ticket = 4,
    certificate = 11,
    server_key_exchange = 12,
    certificate_request = 13,
    server_hello_done = 14,
    certificate_verify = 15,
    client_key_exchange = 16,
    finished = 20,
    certificate_status = 22,
};

inline constexpr std::size_t handshake_header_size = 12;

/// A handshake message, or a fragment of one (RFC 6347 4.2.2).
struct handshake_view {
    handshake_type type{};
    std::uint32_t length = 0;  ///< length of the whole message
    std::uint16_t message_seq = 0;
    std::uint32_t fragment_offset = 0;
    bytes body;  ///< the fragment

    [[nodiscard]] bool whole() const noexcept { return fragment_offset == 0 && body.size() == length; }
};

/// Reads one fragment from `in`. `in.ok()` is false after a truncated header or body.
[[nodiscard]] inline handshake_view read_handshake(reader& in) noexcept
{
    handshake_view message;
    message.type = static_cast<handshake_type>(in.u8());
    message.length = in.u24();
    message.message_seq = in.u16();
    message.fragment_offset = in.u24();
    message.body = in.vector(3);
    return message;
}

/// Maximum fragments in one record. No implementation needs that many, and each costs a call to GnuTLS.
inline constexpr std::size_t max_fragments_in_record = 8;

/// Returns the reason to discard a record's whole payload: it is not a sequence of whole messages or
/// fragments, or it has too many of them. Empty when the payload is acceptable.
[[nodiscard]] inline std::optional<drop_reason> check_messages(bytes payload) noexcept
{
    std::size_t count = 0;
    for (reader in{payload}; count == 0 || !in.done(); ++count) {
        if (count == max_fragments_in_record) return drop_reason::too_many_fragments;
        (void)read_handshake(in);
        if (!in.ok()) return drop_reason::inconsistent_fragment;
    }
    return std::nullopt;
}

}  // namespace quivive::wire
