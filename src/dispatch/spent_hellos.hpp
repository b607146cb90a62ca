#pragma once

#include "dispatch/peer_key.hpp"
#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace quivive::dispatch {

/// The ClientHellos whose handshakes were answered and have failed. Their cookies are good for a while yet,
/// and would be for as many signatures: whoever has proven an address has proven it for one. A client that
/// tries again has another random. Holds the last 4 096, and as many of those before.
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
