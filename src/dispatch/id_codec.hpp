#pragma once

#include "gate/keyed_hash.hpp"
#include "gate/random_source.hpp"
#include "wire/connection_id.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace quivive::dispatch {

/// Encodes and decodes the server's connection ids (RFC 9146 3). All ids have one length, since a record does
/// not carry it. An id consists of random bytes and three bytes with the number of the shard that owns the
/// session. The number is masked by a keyed hash of the random bytes.
///
/// The holder of the key can route a datagram to its shard. Shard numbers are small, so an id made without
/// the key decodes to a number with a probability of 1 in 65 536. Without the key, ids are indistinguishable
/// from random bytes. A live id is as hard to guess as random bytes of its length.
///
/// Shards that share the key decode each other's ids, and so do processes that follow one another. With
/// several keys, ids made while another of them was first also decode.
class id_codec {
public:
    /// `keys` has at least one element; the first makes ids. `length` is 8..16 bytes; `shards` is at least 1.
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

    /// Returns the shard that owns the session; empty when none of the keys made the id.
    [[nodiscard]] std::optional<std::size_t> shard_of(wire::bytes id) const noexcept;

    /// Returns the id field of a datagram that begins with a tls12_cid record; empty for other datagrams.
    [[nodiscard]] wire::bytes id_of_datagram(wire::bytes datagram) const noexcept;

private:
    static constexpr std::size_t mask_size = 3;
    /// Minimum range of valid shard numbers, since the previous process may have had more threads.
    static constexpr std::size_t min_numbers = 256;

    [[nodiscard]] std::optional<std::size_t> number_of(wire::bytes id, gate::hash_key key) const noexcept;
    [[nodiscard]] static std::size_t mask(wire::bytes random_part, gate::hash_key key) noexcept;

    std::vector<gate::hash_key> keys_;
    std::size_t length_;
    std::size_t shards_;
};

}  // namespace quivive::dispatch
