#include "tls/hkdf.hpp"

#include "tls/handles.hpp"
#include "wire/wipe.hpp"

#include <gnutls/crypto.h>

#include <array>

namespace quivive::tls {

bool hkdf_sha256(wire::bytes secret, wire::bytes salt, wire::bytes info, std::span<std::byte> out) noexcept
{
    std::array<std::byte, 32> prk{};
    const auto ikm = as_datum(secret), salted = as_datum(salt), about = as_datum(info);
    const auto key = as_datum(wire::bytes{prk});
    const bool made = gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &ikm, &salted, prk.data()) == 0 &&
                      gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &about, out.data(), out.size()) == 0;
    wire::wipe(prk);
    return made;
}

}  // namespace quivive::tls
