#pragma once

#include "record/cipher.hpp"
#include "wire/bytes.hpp"

#include <memory>
#include <span>

namespace quivive::record {

using nonce = std::array<std::byte, 12>;

/// A cipher with its key, ready for use. Not thread-safe.
class aead {
public:
    virtual ~aead() = default;

    /// Fills `sealed`, which is as long as `plaintext` and the tag. False: the cipher has failed, and
    /// `sealed` holds nothing of use.
    [[nodiscard]] virtual bool seal(const nonce& unique, wire::bytes additional, wire::bytes plaintext,
                                    std::span<std::byte> sealed) noexcept = 0;

    /// Fills `plaintext`, which is as long as `sealed` without the tag. False: the tag does not verify;
    /// nothing of what was decrypted is left there.
    [[nodiscard]] virtual bool open(const nonce& unique, wire::bytes additional, wire::bytes sealed,
                                    std::span<std::byte> plaintext) noexcept = 0;
};

/// Makes one; null when that fails.
using aead_maker = std::unique_ptr<aead> (*)(cipher which, wire::bytes key) noexcept;

}  // namespace quivive::record
