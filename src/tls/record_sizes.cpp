#include "tls/record_sizes.hpp"

#include "wire/handshake.hpp"
#include "wire/record.hpp"

#include <gnutls/crypto.h>

namespace quivive::tls {

namespace {

/// The longest padding of CBC (RFC 5246 6.2.3.2), with its length byte.
constexpr std::size_t longest_padding = 256;

}  // namespace

std::size_t least_payload(gnutls_session_t session) noexcept
{
    const auto cipher = gnutls_cipher_get(session);
    const auto tag = gnutls_cipher_get_tag_size(cipher);
    if (tag == 0) return 2 * gnutls_cipher_get_block_size(cipher);  // CBC: the IV and one block
    const std::size_t explicit_nonce =
        cipher == GNUTLS_CIPHER_CHACHA20_POLY1305 ? 0 : 8;  // RFC 5288, 6655, 7905
    return explicit_nonce + tag;
}

std::size_t most_payload(gnutls_session_t session) noexcept
{
    const auto cipher = gnutls_cipher_get(session);
    if (gnutls_cipher_get_tag_size(cipher) > 0) return wire::max_record_plaintext + least_payload(session);
    return wire::max_record_plaintext + gnutls_cipher_get_block_size(cipher) +
           gnutls_hmac_get_len(gnutls_mac_get(session)) + longest_padding;
}

std::size_t finished_payload(gnutls_session_t session, bool with_id) noexcept
{
    constexpr std::size_t verify_data = 12;
    const auto text = wire::handshake_header_size + verify_data + (with_id ? 1 : 0);  // RFC 9146 4
    const auto cipher = gnutls_cipher_get(session);
    if (gnutls_cipher_get_tag_size(cipher) > 0) return least_payload(session) + text;

    const std::size_t block = gnutls_cipher_get_block_size(cipher);
    const std::size_t mac = gnutls_hmac_get_len(gnutls_mac_get(session));
    if (block == 0) return 0;
    const auto padded = [block](std::size_t size) {
        return (size / block + 1) * block;
    };  // by at least one byte
    // RFC 7366 3: the MAC is outside the encryption. RFC 5246 6.2.3.2: it is inside.
    return gnutls_session_etm_status(session) != 0 ? block + padded(text) + mac : block + padded(text + mac);
}

std::size_t largest_finished_payload(gnutls_session_t session) noexcept
{
    const bool aead = gnutls_cipher_get_tag_size(gnutls_cipher_get(session)) > 0;
    return finished_payload(session, false) + (aead ? 0 : longest_padding);
}

}  // namespace quivive::tls
