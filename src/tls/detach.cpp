#include "tls/detach.hpp"

#include "tls/cipher_map.hpp"
#include "tls/record_state.hpp"

namespace quivive::tls {

std::optional<record::session_keys> take_keys(gnutls_session_t session) noexcept
{
    const auto cipher = cipher_of(gnutls_cipher_get(session));
    if (!cipher || gnutls_protocol_get_version(session) != GNUTLS_DTLS1_2) return std::nullopt;
    const auto read = read_state(session, direction::read);
    const auto write = read_state(session, direction::write);
    if (!read || !write || !read->is_for(*cipher) || !write->is_for(*cipher)) return std::nullopt;
    record::session_keys keys;
    keys.cipher = *cipher;
    keys.read = read->keys;
    keys.write = write->keys;
    keys.next_write = write->next;
    return keys;
}

}  // namespace quivive::tls
