#pragma once

#include "gate/keyed_hash.hpp"
#include "wire/endpoint.hpp"

#include <cstdint>
#include <cstring>

namespace quivive::dispatch {

using gate::hash_key;
using gate::keyed_hash;

inline void add_address(keyed_hash& hash, const wire::endpoint& end) noexcept
{
    std::uint64_t words[2];
    std::memcpy(words, end.address.data(), sizeof words);
    hash.add(words[0]);
    hash.add(words[1]);
}

/// Local and peer endpoint of an association, as a table key (RFC 6347 4.1: both addresses, both ports).
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

}  // namespace quivive::dispatch
