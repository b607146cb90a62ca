#pragma once

#include <bit>
#include <cstdint>

namespace quivive::gate {

/// Has no default value: a table whose key was forgotten would use a key that everyone can guess.
struct hash_key {
    constexpr hash_key(std::uint64_t first, std::uint64_t second) noexcept : k0{first}, k1{second} {}

    friend bool operator==(const hash_key&, const hash_key&) = default;

    std::uint64_t k0;
    std::uint64_t k1;
};

/// SipHash-1-3 (Aumasson and Bernstein) over 64-bit words, for values that peers choose or must not guess.
/// Without the secret key a peer can neither find addresses that all fall into one bucket nor predict a
/// value.
class keyed_hash {
public:
    explicit constexpr keyed_hash(hash_key key) noexcept
        : v0_{key.k0 ^ 0x736f6d6570736575},
          v1_{key.k1 ^ 0x646f72616e646f6d},
          v2_{key.k0 ^ 0x6c7967656e657261},
          v3_{key.k1 ^ 0x7465646279746573}
    {
    }

    constexpr void add(std::uint64_t word) noexcept
    {
        v3_ ^= word;
        round();
        v0_ ^= word;
    }

    constexpr std::uint64_t finish() noexcept
    {
        v2_ ^= 0xff;
        for (int i = 0; i < 3; ++i) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    constexpr void round() noexcept
    {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace quivive::gate
