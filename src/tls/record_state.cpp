#include "tls/record_state.hpp"

#include "tls/cipher_map.hpp"

#include <array>
#include <span>

namespace quivive::tls {

std::optional<raw_record_state> read_raw_state(gnutls_session_t session, direction which) noexcept
{
    gnutls_datum_t mac{}, iv{}, key{};
    std::array<unsigned char, 8> number{};
    if (gnutls_record_get_state(session, static_cast<unsigned>(which), &mac, &iv, &key, number.data()) != 0)
        return std::nullopt;
    const auto bytes = [](const auto& of) { return std::as_bytes(std::span{of.data, of.size}); };
    return raw_record_state{bytes(mac), bytes(iv), bytes(key),
                            wire::reader{std::as_bytes(std::span{number})}.integer(number.size())};
}

std::optional<record_state> read_state(gnutls_session_t session, direction which) noexcept
{
    const auto raw = read_raw_state(session, which);
    if (!raw) return std::nullopt;
    record_state state{{raw->key, raw->iv},
                       raw->key.size(),
                       raw->iv.size(),
                       raw->next,
                       cipher_of(gnutls_cipher_get(session))};
    for (const auto cipher : record::all_ciphers)
        if (state.is_for(cipher)) return state;
    return std::nullopt;
}

std::optional<std::uint64_t> take_number(gnutls_session_t session) noexcept
{
    const auto raw = read_raw_state(session, direction::write);
    if (!raw) return std::nullopt;
    std::array<std::byte, 8> after;
    wire::write_integer(after, raw->next + 1);
    const auto* const as_gnutls_has_it = reinterpret_cast<const unsigned char*>(after.data());
    if (gnutls_record_set_state(session, 0, as_gnutls_has_it) != 0) return std::nullopt;
    return raw->next;
}

}  // namespace quivive::tls
