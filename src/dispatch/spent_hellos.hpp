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

/// The random of a ClientHello, folded: tells repeats from newcomers. A client that makes two the same fools
/// itself only.
using hello_mark = std::array<std::byte, 14>;

[[nodiscard]] inline hello_mark mark_of(wire::bytes random) noexcept
{
    hello_mark mark{};
    for (std::size_t i = 0; i < random.size(); ++i) mark[i % mark.size()] ^= random[i];
    return mark;
}

/// The ClientHellos that have had their handshake, and are to have no other: those that were answered and
/// have failed, and those whose clients have begun anew before the end. Their cookies are good for a while
/// yet, and would be for as many signatures: whoever has proven an address has proven it for one. The network
/// may deliver a repeat late, too, which must not bring its handshake back. A client that tries again has
/// another random. Holds the last 4 096, and as many of those before.
class spent_hellos {
public:
    explicit spent_hellos(hash_key key) noexcept : key_{key} {}

    /// `mark`: of its random. Without memory nothing is added.
    void add(const wire::path& path, wire::bytes mark) noexcept;
    [[nodiscard]] bool has(const wire::path& path, wire::bytes mark) const noexcept;

    static constexpr std::size_t most = 4'096;

private:
    /// Open addressing; a zero is free.
    using table = std::vector<std::uint64_t>;
    [[nodiscard]] std::uint64_t id_of(const wire::path& path, wire::bytes mark) const noexcept;
    [[nodiscard]] static bool contains(const table& in, std::uint64_t id) noexcept;
    /// Where it is, or the next free place. Precondition: the table is not empty, nor full.
    [[nodiscard]] static std::size_t place_of(const table& in, std::uint64_t id) noexcept;

    hash_key key_;
    table newer_, older_;
    std::size_t count_ = 0;  ///< of the newer ones
};

}  // namespace quivive::dispatch
