#pragma once

#include "gate/keyed_hash.hpp"
#include "gate/random_source.hpp"
#include "wire/connection_id.hpp"

#include <cstdint>
#include <optional>

namespace quivive::dispatch {

/// The server's connection ids (RFC 9146 3), all of one length, since a record does not tell it. Random
/// bytes, which nobody can guess, and two that say which shard has the session, masked by a keyed hash of the
/// others: whoever gets a datagram can tell where it belongs, and nobody else can. Shards that share the key,
/// and processes that follow one another, read each other's.
class id_codec {
public:
    /// `length` is 8..16 bytes; `shards` at least 1.
    id_codec(gate::hash_key key, std::size_t length, std::size_t shards) noexcept
        : key_{key}, length_{length}, shards_{shards}
    {
    }

    [[nodiscard]] std::size_t length() const noexcept { return length_; }

    /// Throws what `random` throws.
    [[nodiscard]] wire::own_connection_id make(std::size_t shard, const gate::random_source& random) const;

    /// Whose session it is, if it is anybody's.
    [[nodiscard]] std::size_t shard_of(wire::bytes id) const noexcept;

    /// The same of a datagram that begins with a record of tls12_cid; empty for others.
    [[nodiscard]] std::optional<std::size_t> shard_of_datagram(wire::bytes datagram) const noexcept;

private:
    static constexpr std::size_t mask_size = 2;

    [[nodiscard]] std::uint16_t mask(wire::bytes random_part) const noexcept;

    gate::hash_key key_;
    std::size_t length_;
    std::size_t shards_;
};

}  // namespace quivive::dispatch
