#pragma once

#include "record/aead.hpp"
#include "wire/record.hpp"

#include <algorithm>

namespace quivive::record {

// What a cipher is given beside the text of a DTLS 1.2 record.

/// RFC 5288 3 and RFC 6655 3: the IV, and the 8 bytes that stand in the record. RFC 7905 2: the IV XOR the
/// record's number. `unique` is those 8 bytes, or the number.
[[nodiscard]] inline nonce make_nonce(const cipher_traits& traits, const nonce& iv,
                                      wire::bytes unique) noexcept
{
    nonce made = iv;
    for (std::size_t i = 0; i < unique.size(); ++i)
        made[4 + i] = traits.explicit_nonce > 0 ? unique[i] : made[4 + i] ^ unique[i];
    return made;
}

/// RFC 5246 6.2.3.3: epoch and sequence number, type, version, length of the plaintext. `header` is the
/// record's.
[[nodiscard]] inline std::array<std::byte, 13> make_additional(wire::bytes header,
                                                               std::size_t plaintext_size) noexcept
{
    std::array<std::byte, 13> data;
    std::ranges::copy(header.subspan<3, 8>(), data.begin());
    std::ranges::copy(header.first<3>(), data.begin() + 8);
    wire::write_integer(std::span{data}.last<2>(), plaintext_size);
    return data;
}

}  // namespace quivive::record
