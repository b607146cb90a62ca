#pragma once

#include "gate/keyed_hash.hpp"
#include "gate/random_source.hpp"
#include "wire/connection_id.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace quivive::dispatch {

/// The server's connection ids (RFC 9146 3), all of one length, since a record does not tell it. Random
/// bytes, and three that hold the number of the shard that has the session, masked by a keyed hash of the
/// others. Whoever has the key can tell where a datagram belongs; and since numbers are small, an id that
/// nobody with the key has made is known for it but once in 65 536 times. Without the key neither can be
/// told, so a live id is as hard to guess as if all its bytes were random. Shards that share the key, and
/// processes that follow one another, read each other's; with several keys also those of the time when
/// another one of them was the first.
class id_codec {
public:
    /// `keys` has one at least, the first of which makes ids. `length` is 8..16 bytes; `shards` at least 1.
    id_codec(std::vector<gate::hash_key> keys, std::size_t length, std::size_t shards) noexcept
        : keys_{std::move(keys)}, length_{length}, shards_{shards}
    {
    }
    id_codec(gate::hash_key key, std::size_t length, std::size_t shards)
        : id_codec{std::vector{key}, length, shards}
    {
    }

    friend bool operator==(const id_codec&, const id_codec&) = default;

    [[nodiscard]] std::size_t length() const noexcept { return length_; }

    /// Throws what `random` throws.
    [[nodiscard]] wire::own_connection_id make(std::size_t shard, const gate::random_source& random) const;

    /// Whose session it is; empty: an id that was made under none of the keys.
    [[nodiscard]] std::optional<std::size_t> shard_of(wire::bytes id) const noexcept;

    /// What stands where a datagram that begins with a record of tls12_cid has its id; empty for others.
    [[nodiscard]] wire::bytes id_of_datagram(wire::bytes datagram) const noexcept;

private:
    static constexpr std::size_t mask_size = 3;
    /// So many numbers are good whatever `shards_` is: the process before may have had more threads.
    static constexpr std::size_t least_numbers = 256;

    [[nodiscard]] std::optional<std::size_t> number_of(wire::bytes id, gate::hash_key key) const noexcept;
    [[nodiscard]] static std::size_t mask(wire::bytes random_part, gate::hash_key key) noexcept;

    std::vector<gate::hash_key> keys_;
    std::size_t length_;
    std::size_t shards_;
};

}  // namespace quivive::dispatch
