#include "tls/psk_suite_set.hpp"

#include <gnutls/gnutls.h>

#include <algorithm>
#include <array>

namespace quivive::tls {

namespace {

bool is_psk(gnutls_kx_algorithm_t exchange) noexcept
{
    constexpr std::array psk{GNUTLS_KX_PSK, GNUTLS_KX_DHE_PSK, GNUTLS_KX_ECDHE_PSK, GNUTLS_KX_RSA_PSK};
    return std::ranges::find(psk, exchange) != psk.end();
}

}  // namespace

psk_suite_set::psk_suite_set()
{
    std::array<unsigned char, 2> id{};
    gnutls_kx_algorithm_t exchange{};
    for (std::size_t i = 0;
         gnutls_cipher_suite_info(i, id.data(), &exchange, nullptr, nullptr, nullptr) != nullptr; ++i)
        if (is_psk(exchange)) known_.push_back(static_cast<std::uint16_t>(id[0] << 8 | id[1]));
    std::ranges::sort(known_);
}

bool psk_suite_set::any_of(wire::bytes offered) const noexcept
{
    for (wire::reader in{offered}; !in.done();)
        if (std::ranges::binary_search(known_, in.u16()) && in.ok()) return true;
    return false;
}

}  // namespace quivive::tls
