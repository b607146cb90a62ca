#include "dispatch/source.hpp"

#include "wire/bytes.hpp"

#include <algorithm>

namespace quivive::dispatch {

namespace {

/// Returns the leading `bits` of a word.
std::uint64_t leading(std::uint64_t word, unsigned bits) noexcept
{
    return bits == 0 ? 0 : word & ~std::uint64_t{0} << (64 - std::min(bits, 64U));
}

}  // namespace

source source_prefixes::of(const wire::endpoint& peer) const noexcept
{
    const auto own = own_length(peer), around = around_length(peer);
    source result{id_of(peer, own), std::nullopt};
    if (around < own) result.around = id_of(peer, around);
    return result;
}

unsigned source_prefixes::around_length(const wire::endpoint& peer) const noexcept
{
    return std::min(own_length(peer), peer.is_v4() ? around_ipv4 : around_ipv6);
}

std::uint64_t source_prefixes::id_of(const wire::endpoint& peer, unsigned length) const noexcept
{
    // RFC 4291 2.5.5.2: an IPv4-mapped address has a prefix of 96 bits.
    const auto bits = peer.is_v4() ? 96 + length : length;
    wire::reader in{peer.address};
    const auto high = in.integer(8), low = in.integer(8);
    keyed_hash hash{key_};
    hash.add(leading(high, bits));
    hash.add(leading(low, bits > 64 ? bits - 64 : 0));
    hash.add(std::uint64_t{bits} << 32 | peer.scope);
    return hash.finish();
}

}  // namespace quivive::dispatch
