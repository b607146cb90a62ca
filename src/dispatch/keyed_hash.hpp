#pragma once

#include "wire/endpoint.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace quivive::dispatch {

/// SipHash-1-3 (Aumasson and Bernstein) over 64-bit words: peers choose what is hashed here, so without a
/// secret key they could choose addresses that all fall into one bucket.
struct hash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

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

inline void add_address(keyed_hash& hash, const wire::endpoint& end) noexcept
{
    std::uint64_t words[2];
    std::memcpy(words, end.address.data(), sizeof words);
    hash.add(words[0]);
    hash.add(words[1]);
}

/// The two ends of an association as the key of a table (RFC 6347 4.1: both addresses, both ports).
struct peer_key {
    wire::endpoint local;
    wire::endpoint peer;

    friend bool operator==(const peer_key&, const peer_key&) = default;
};

struct peer_hash {
    hash_key key;

    std::size_t operator()(const peer_key& ends) const noexcept
    {
        keyed_hash hash{key};
        add_address(hash, ends.local);
        add_address(hash, ends.peer);
        hash.add(std::uint64_t{ends.local.port} << 16 | ends.peer.port);
        hash.add(std::uint64_t{ends.local.scope} << 32 | ends.peer.scope);
        return hash.finish();
    }
};

/// A source address whatever its port.
struct source_hash {
    hash_key key;

    std::size_t operator()(const wire::endpoint& source) const noexcept
    {
        keyed_hash hash{key};
        add_address(hash, source);
        hash.add(source.scope);
        return hash.finish();
    }
};

}  // namespace quivive::dispatch
