#include "tls/record_state.hpp"

#include <array>
#include <span>

namespace quivive::tls {

std::optional<record_state> read_state(gnutls_session_t session, direction which) noexcept
{
    gnutls_datum_t mac{}, iv{}, key{};
    std::array<unsigned char, 8> number{};
    if (gnutls_record_get_state(session, static_cast<unsigned>(which), &mac, &iv, &key, number.data()) != 0)
        return std::nullopt;
    const auto bytes = [](const auto& of) { return std::as_bytes(std::span{of.data, of.size}); };
    record_state state{{bytes(key), bytes(iv)},
                       key.size,
                       iv.size,
                       wire::reader{std::as_bytes(std::span{number})}.integer(number.size())};
    for (const auto cipher : record::all_ciphers)
        if (state.is_for(cipher)) return state;
    return std::nullopt;
}

}  // namespace quivive::tls
