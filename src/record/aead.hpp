#pragma once

#include "record/cipher.hpp"
#include "wire/bytes.hpp"

#include <memory>
#include <span>

namespace quivive::record {

using nonce = std::array<std::byte, 12>;

/// An AEAD cipher initialised with a key. Not thread-safe.
class aead {
public:
    virtual ~aead() = default;

    /// Writes ciphertext and tag to `sealed`, whose size must be that of `plaintext` plus the tag. Returns
    /// false when the cipher fails; the contents of `sealed` are then meaningless.
    [[nodiscard]] virtual bool seal(const nonce& unique, wire::bytes additional, wire::bytes plaintext,
                                    std::span<std::byte> sealed) noexcept = 0;

    /// Writes the decrypted bytes to `plaintext`, whose size must be that of `sealed` minus the tag. Returns
    /// false when the tag does not verify; `plaintext` then holds no decrypted bytes.
    [[nodiscard]] virtual bool open(const nonce& unique, wire::bytes additional, wire::bytes sealed,
                                    std::span<std::byte> plaintext) noexcept = 0;
};

/// Creates a cipher; returns null on failure.
using aead_maker = std::unique_ptr<aead> (*)(cipher which, wire::bytes key) noexcept;

}  // namespace quivive::record
