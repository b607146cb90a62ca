#include "tls/detach.hpp"

#include "tls/record_state.hpp"

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

}  // namespace

std::optional<record::session_keys> take_keys(gnutls_session_t session) noexcept
{
    const auto cipher = cipher_of(session);
    if (!cipher || gnutls_protocol_get_version(session) != GNUTLS_DTLS1_2) return std::nullopt;
    const auto read = read_state(session, direction::read);
    const auto write = read_state(session, direction::write);
    if (!read || !write || !read->is_for(*cipher) || !write->is_for(*cipher)) return std::nullopt;
    return record::session_keys{*cipher, read->keys, write->keys, write->next, {}};
}

}  // namespace quivive::tls
