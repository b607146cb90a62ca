#pragma once

#include "wire/bytes.hpp"

#include <span>

namespace quivive::tls {

/// HKDF with SHA-256 (RFC 5869): fills `out`, of up to 8160 bytes, from the three inputs. Returns false when
/// GnuTLS fails; `out` then has no usable content.
[[nodiscard]] bool hkdf_sha256(wire::bytes secret, wire::bytes salt, wire::bytes info,
                               std::span<std::byte> out) noexcept;

}  // namespace quivive::tls
