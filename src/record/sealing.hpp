#pragma once

#include "record/aead.hpp"
#include "wire/record.hpp"

#include <cstdint>
#include <optional>

namespace quivive::record {

// One record under an AEAD cipher: by the plain format of DTLS 1.2 (RFC 6347 4.1, RFC 5246 6.2.3.3), or,
// where the receiver has asked for a connection id, by that of tls12_cid (RFC 9146 4 and 5.3).

/// What protects the records of one direction.
struct protector {
    aead& cipher;
    cipher_traits traits;
    const nonce& iv;  ///< the first `traits.iv_size` bytes count
};

/// A record before it is sealed.
struct unsealed {
    wire::content_type type{};
    std::uint64_t number = 0;  ///< epoch and sequence number
    wire::bytes text;
};

/// What a record has beside its text, header and all, for a receiver with this id.
[[nodiscard]] std::size_t size_around(const cipher_traits& traits, wire::bytes id) noexcept;

/// Bytes of memory that `seal` needs beside the record, for its inner form (RFC 9146 4: DTLSInnerPlaintext).
[[nodiscard]] constexpr std::size_t scratch_size(std::size_t text_size, wire::bytes id) noexcept
{
    return id.empty() ? 0 : text_size + 1;
}

/// Fills `record`, which is as long as the text and `size_around`; `id` is empty for the plain format. False
/// when the cipher has failed.
[[nodiscard]] bool seal(const protector& by, const unsealed& what, wire::bytes id,
                        std::span<std::byte> record, std::span<std::byte> scratch) noexcept;

/// What a record of tls12_cid or of the plain format turned out to hold.
struct content {
    wire::content_type type{};
    std::size_t size = 0;  ///< of the text, at the front of the memory given
};

/// Bytes of the smallest payload that can be opened.
[[nodiscard]] constexpr std::size_t least_payload(const cipher_traits& traits, bool with_id) noexcept
{
    return traits.overhead() + (with_id ? 1 : 0);
}

/// Opens into `text`, which holds the payload less the cipher's overhead, and in which nothing is left when
/// the tag does not verify: then the result is empty. Precondition: the payload has `least_payload`.
[[nodiscard]] std::optional<content> open(const protector& by, const wire::record_view& record,
                                          std::span<std::byte> text) noexcept;

}  // namespace quivive::record
