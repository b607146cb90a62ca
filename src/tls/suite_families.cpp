#include "tls/suite_families.hpp"

#include <algorithm>
#include <array>

namespace quivive::tls {

bool is_psk(gnutls_kx_algorithm_t exchange) noexcept
{
    return exchange == GNUTLS_KX_PSK || exchange == GNUTLS_KX_DHE_PSK || exchange == GNUTLS_KX_ECDHE_PSK;
}

suite_families::suite_families(gnutls_priority_t priority, const certificate_key& key, bool has_psk)
{
    unsigned index = 0;
    for (unsigned at = 0;; ++at) {
        const int code = gnutls_priority_get_cipher_suite_index(priority, at, &index);
        if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) break;
        if (code < 0) continue;  // a suite of a version that the priorities do not have
        std::array<unsigned char, 2> id{};
        gnutls_kx_algorithm_t exchange{};
        gnutls_cipher_suite_info(index, id.data(), &exchange, nullptr, nullptr, nullptr);
        const bool by_psk = has_psk && is_psk(exchange);
        if (by_psk || key.suits(exchange))
            known_.push_back({static_cast<std::uint16_t>(id[0] << 8 | id[1]),
                              by_psk ? suite_family::psk : suite_family::certificate});
    }
    std::ranges::sort(known_, {}, &suite::number);
}

std::optional<suite_family> suite_families::first_of(wire::bytes offered) const noexcept
{
    for (wire::reader in{offered}; !in.done();)
        if (const auto* const found = find(in.u16()); found && in.ok()) return found->family;
    return std::nullopt;
}

bool suite_families::has_psk_in(wire::bytes offered) const noexcept
{
    for (wire::reader in{offered}; !in.done();)
        if (const auto* const found = find(in.u16()); found && in.ok() && found->family == suite_family::psk)
            return true;
    return false;
}

const suite_families::suite* suite_families::find(std::uint16_t number) const noexcept
{
    const auto found = std::ranges::lower_bound(known_, number, {}, &suite::number);
    return found == known_.end() || found->number != number ? nullptr : &*found;
}

}  // namespace quivive::tls
