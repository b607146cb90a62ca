#pragma once

#include "quivive/credentials.hpp"
#include "wire/bytes.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace quivive::tls {

/// Unique name of a blob, with the time of its creation. It is not encrypted, but a change makes the blob
/// unreadable.
struct blob_name {
    std::array<std::byte, 16> serial{};  ///< random
    std::chrono::sys_seconds made{};
};

/// Derives from `shared` a secret that is valid in one place only. `place` distinguishes this place from all
/// others. Throws `boost::system::system_error` when GnuTLS fails.
[[nodiscard]] secret bind_secret(const secret& shared, wire::bytes place);

/// Seals `content` for all holders of `shared` by AES-256-GCM. HKDF (RFC 5869) derives a separate key for
/// each blob from `shared` and the serial. The name and the version precede the content, and the tag covers
/// them. Throws `boost::system::system_error` when GnuTLS fails.
[[nodiscard]] std::vector<std::byte> seal_blob(const secret& shared, wire::bytes content,
                                               std::chrono::sys_seconds now);

/// Returns the name of a blob. Empty when `blob` is too short, or has another version.
[[nodiscard]] std::optional<blob_name> name_of_blob(wire::bytes blob) noexcept;

/// Returns the sealed content; empty when any byte of the blob has changed.
[[nodiscard]] std::optional<std::vector<std::byte>> open_blob(const secret& shared, wire::bytes blob);

}  // namespace quivive::tls
