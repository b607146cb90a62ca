#pragma once

#include "record/aead.hpp"

#include <algorithm>
#include <vector>

namespace quivive::test {

/// The calls of fake ciphers, and settings that make them fail.
struct aead_calls {
    struct call {
        record::nonce unique;
        std::vector<std::byte> additional;
    };
    std::vector<call> seals, opens;
    unsigned made = 0, alive = 0;
    bool none_can_be_made = false;
    bool nothing_can_be_sealed = false;

    static aead_calls& now()
    {
        static aead_calls calls;
        return calls;
    }
    static aead_calls& begin() { return now() = {}; }
};

/// A cipher whose ciphertext is the plaintext and whose tag repeats the first byte of the key.
class fake_aead final : public record::aead {
public:
    fake_aead(std::byte tag, std::size_t tag_size) : tag_{tag}, tag_size_{tag_size}
    {
        ++aead_calls::now().made;
        ++aead_calls::now().alive;
    }
    ~fake_aead() override { --aead_calls::now().alive; }
    fake_aead(const fake_aead&) = delete;
    fake_aead& operator=(const fake_aead&) = delete;

    bool seal(const record::nonce& unique, wire::bytes additional, wire::bytes plaintext,
              std::span<std::byte> sealed) noexcept override
    {
        aead_calls::now().seals.push_back({unique, {additional.begin(), additional.end()}});
        std::ranges::fill(sealed, tag_);
        std::ranges::copy(plaintext, sealed.begin());
        return !aead_calls::now().nothing_can_be_sealed;
    }
    bool open(const record::nonce& unique, wire::bytes additional, wire::bytes sealed,
              std::span<std::byte> plaintext) noexcept override
    {
        aead_calls::now().opens.push_back({unique, {additional.begin(), additional.end()}});
        const auto tag = sealed.last(tag_size_);
        if (!std::ranges::all_of(tag, [this](std::byte b) { return b == tag_; })) return false;
        std::ranges::copy(sealed.first(plaintext.size()), plaintext.begin());
        return true;
    }

    static std::unique_ptr<record::aead> make(record::cipher which, wire::bytes key) noexcept
    {
        if (aead_calls::now().none_can_be_made) return nullptr;
        return std::make_unique<fake_aead>(key.front(), record::traits_of(which).tag_size);
    }

private:
    std::byte tag_;
    std::size_t tag_size_;
};

}  // namespace quivive::test
