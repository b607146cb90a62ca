#pragma once

#include "quivive/credentials.hpp"
#include "wire/bytes.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace quivive::tls {

/// What tells one blob from all others, and when it was made. Anyone can read it; nobody can change it.
struct blob_name {
    std::array<std::byte, 16> serial{};  ///< random
    std::chrono::sys_seconds made{};
};

/// The secret of those who share `shared` in one place alone, whatever tells that from all others. Throws
/// `boost::system::system_error` when GnuTLS fails.
[[nodiscard]] secret bind_secret(const secret& shared, wire::bytes place);

/// Seals `content` for those who share `secret`: AES-256-GCM, under a key of its own, which HKDF (RFC 5869)
/// makes of the secret and the serial. The name and the version stand before it, and are covered by the tag.
/// Throws `boost::system::system_error` when GnuTLS fails.
[[nodiscard]] std::vector<std::byte> seal_blob(const secret& shared, wire::bytes content,
                                               std::chrono::sys_seconds now);

/// Empty when `blob` is too short for one, or of another version.
[[nodiscard]] std::optional<blob_name> name_of_blob(wire::bytes blob) noexcept;

/// What was sealed; empty when any byte of it is another.
[[nodiscard]] std::optional<std::vector<std::byte>> open_blob(const secret& shared, wire::bytes blob);

}  // namespace quivive::tls
