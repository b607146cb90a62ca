#include "dispatch/id_codec.hpp"

#include "wire/record.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace quivive::dispatch {

/// Draws again when another live key also decodes the id. Such an id would be routed to the wrong shard once
/// that key became the first.
wire::own_connection_id id_codec::make(std::size_t shard, const gate::random_source& random) const
{
    constexpr int draws = 4;
    std::array<std::byte, wire::own_connection_id::max_size> memory{};
    const auto id = std::span{memory}.first(length_);
    const auto random_part = id.first(length_ - mask_size);
    const auto others = std::span{keys_}.subspan(1);
    for (int i = 0; i < draws; ++i) {
        random(random_part);
        wire::write_integer(id.last(mask_size), shard ^ mask(random_part, keys_.front()));
        if (std::ranges::none_of(others, [&](gate::hash_key key) { return number_of(id, key).has_value(); }))
            break;
    }
    return wire::own_connection_id{id};
}

std::optional<std::size_t> id_codec::shard_of(wire::bytes id) const noexcept
{
    if (id.size() != length_) return std::nullopt;
    for (const auto key : keys_)
        if (const auto number = number_of(id, key)) return *number % shards_;
    return std::nullopt;
}

std::optional<std::size_t> id_codec::number_of(wire::bytes id, gate::hash_key key) const noexcept
{
    wire::reader in{id};
    const auto random_part = in.take(length_ - mask_size);
    const auto number = in.integer(mask_size) ^ mask(random_part, key);
    if (number >= std::max(min_numbers, shards_)) return std::nullopt;
    return number;
}

wire::bytes id_codec::id_of_datagram(wire::bytes datagram) const noexcept
{
    constexpr std::size_t id_at = 11;
    if (datagram.size() < id_at + length_) return {};
    if (static_cast<wire::content_type>(datagram.front()) != wire::content_type::tls12_cid) return {};
    return datagram.subspan(id_at, length_);
}

std::size_t id_codec::mask(wire::bytes random_part, gate::hash_key key) noexcept
{
    gate::keyed_hash hash{key};
    for (wire::reader in{random_part}; !in.done();)
        hash.add(in.integer(std::min<std::size_t>(8, in.rest().size())));
    return hash.finish() & ((std::size_t{1} << (8 * mask_size)) - 1);
}

}  // namespace quivive::dispatch
