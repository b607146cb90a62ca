#include "tls/detach.hpp"

#include "tls/handles.hpp"

namespace quivive::tls {

namespace {

std::optional<record::cipher> cipher_of(gnutls_session_t session) noexcept
{
    switch (gnutls_cipher_get(session)) {
        case GNUTLS_CIPHER_AES_128_GCM:
            return record::cipher::aes_128_gcm;
        case GNUTLS_CIPHER_AES_256_GCM:
            return record::cipher::aes_256_gcm;
        case GNUTLS_CIPHER_AES_128_CCM:
            return record::cipher::aes_128_ccm;
        case GNUTLS_CIPHER_AES_256_CCM:
            return record::cipher::aes_256_ccm;
        case GNUTLS_CIPHER_AES_128_CCM_8:
            return record::cipher::aes_128_ccm_8;
        case GNUTLS_CIPHER_AES_256_CCM_8:
            return record::cipher::aes_256_ccm_8;
        case GNUTLS_CIPHER_CHACHA20_POLY1305:
            return record::cipher::chacha20_poly1305;
        default:
            return std::nullopt;
    }
}

struct direction_state {
    record::direction_keys keys;
    std::uint64_t number = 0;  ///< epoch and sequence number of the next record
};

std::optional<direction_state> read_state(gnutls_session_t session, unsigned read,
                                          const record::cipher_traits& traits) noexcept
{
    gnutls_datum_t mac{}, iv{}, key{};
    std::array<unsigned char, 8> number{};
    if (gnutls_record_get_state(session, read, &mac, &iv, &key, number.data()) != 0) return std::nullopt;
    if (key.size != traits.key_size || iv.size != traits.iv_size) return std::nullopt;
    const auto bytes = [](const gnutls_datum_t& of) { return std::as_bytes(std::span{of.data, of.size}); };
    return direction_state{{bytes(key), bytes(iv)},
                           wire::reader{std::as_bytes(std::span{number})}.integer(number.size())};
}

}  // namespace

std::optional<record::session_keys> take_keys(gnutls_session_t session) noexcept
{
    const auto cipher = cipher_of(session);
    if (!cipher || gnutls_protocol_get_version(session) != GNUTLS_DTLS1_2) return std::nullopt;
    const auto traits = record::traits_of(*cipher);
    const auto read = read_state(session, 1, traits);
    const auto write = read_state(session, 0, traits);
    if (!read || !write) return std::nullopt;
    return record::session_keys{*cipher, read->keys, write->keys, write->number, {}};
}

}  // namespace quivive::tls
