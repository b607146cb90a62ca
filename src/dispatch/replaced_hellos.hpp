#pragma once

#include "dispatch/peer_key.hpp"
#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace quivive::dispatch {

/// A digest of the ClientHello's random, which distinguishes retransmissions from new hellos. A client that
/// forges a collision harms only itself.
using client_random_digest = std::array<std::byte, 14>;

[[nodiscard]] inline client_random_digest digest_of(wire::bytes random) noexcept
{
    client_random_digest digest{};
    for (std::size_t i = 0; i < random.size(); ++i) digest[i % digest.size()] ^= random[i];
    return digest;
}

/// ClientHellos that must not start their handshake again. The handshake was answered and failed, or the
/// client began a new one before its end. A second handshake is refused for two reasons:
/// - The cookie stays valid for a while. Without this limit one cookie could cause many signatures. A
///   validated address entitles its peer to one.
/// - The network may deliver a retransmission late, which must not start the handshake again.
///
/// A client that retries uses a new random. Stores the last 4 096, and up to as many before them.
class replaced_hellos {
public:
    explicit replaced_hellos(hash_key key) noexcept : key_{key} {}

    /// `digest`: digest of the hello's random (`digest_of`). Adds nothing when out of memory.
    void add(const wire::path& path, wire::bytes digest) noexcept;
    [[nodiscard]] bool has(const wire::path& path, wire::bytes digest) const noexcept;

    static constexpr std::size_t most = 4'096;

private:
    /// Open addressing; zero marks a free entry.
    using table = std::vector<std::uint64_t>;
    [[nodiscard]] std::uint64_t id_of(const wire::path& path, wire::bytes digest) const noexcept;
    [[nodiscard]] static bool contains(const table& in, std::uint64_t id) noexcept;
    /// Returns the index of the id, or of the next free entry. Precondition: the table is neither empty nor
    /// full.
    [[nodiscard]] static std::size_t slot_of(const table& in, std::uint64_t id) noexcept;

    hash_key key_;
    table newer_, older_;
    std::size_t count_ = 0;  ///< number of ids in `newer_`
};

}  // namespace quivive::dispatch
