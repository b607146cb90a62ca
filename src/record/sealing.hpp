#pragma once

#include "record/aead.hpp"
#include "wire/record.hpp"

#include <cstdint>
#include <optional>

namespace quivive::record {

// Seals and opens one record with an AEAD cipher, in the plain format of DTLS 1.2 (RFC 6347 4.1, RFC 5246
// 6.2.3.3). If the receiver requested a connection id, the format is tls12_cid (RFC 9146 4 and 5.3).

/// Cipher and IV that protect the records of one direction.
struct protector {
    aead& cipher;
    cipher_traits traits;
    const nonce& iv;  ///< only the first `traits.iv_size` bytes are significant
};

/// A record before it is sealed.
struct unsealed {
    wire::content_type type{};
    std::uint64_t number = 0;  ///< epoch and sequence number
    wire::bytes text;
};

/// Returns the bytes of a record besides its text, header included, for a receiver with this id.
[[nodiscard]] std::size_t size_around(const cipher_traits& traits, wire::bytes id) noexcept;

/// Returns the bytes of memory that `seal` needs besides the record, for DTLSInnerPlaintext (RFC 9146 4).
[[nodiscard]] constexpr std::size_t scratch_size(std::size_t text_size, wire::bytes id) noexcept
{
    return id.empty() ? 0 : text_size + 1;
}

/// Writes the sealed record to `record`, whose size must be that of the text plus `size_around`. `id` is
/// empty for the plain format. Returns false when the cipher fails.
[[nodiscard]] bool seal(const protector& by, const unsealed& what, wire::bytes id,
                        std::span<std::byte> record, std::span<std::byte> scratch) noexcept;

/// Content of an opened record.
struct content {
    wire::content_type type{};
    std::size_t size = 0;  ///< bytes of the text, at the front of the caller's buffer
};

/// Returns the bytes of the smallest payload that can be opened.
[[nodiscard]] constexpr std::size_t least_payload(const cipher_traits& traits, bool with_id) noexcept
{
    return traits.overhead() + (with_id ? 1 : 0);
}

/// Opens a record into `text`, whose size must be that of the payload minus the cipher's overhead. Returns an
/// empty result when the tag does not verify; `text` then holds no decrypted bytes. Precondition: the payload
/// has at least `least_payload` bytes.
[[nodiscard]] std::optional<content> open(const protector& by, const wire::record_view& record,
                                          std::span<std::byte> text) noexcept;

}  // namespace quivive::record
