#include "tls/facts.hpp"

#include "tls/gnutls_context.hpp"
#include "tls/handles.hpp"
#include "tls/keying.hpp"
#include "tls/pin.hpp"
#include "tls/suite_families.hpp"

#include <algorithm>
#include <memory>

namespace quivive::tls {

namespace {

/// Frees a text that GnuTLS has allocated.
struct freed_by_gnutls {
    void operator()(char* text) const noexcept { gnutls_free(text); }
};
using description = std::unique_ptr<char, freed_by_gnutls>;

std::string server_name_of(gnutls_session_t session)
{
    std::string name(256, '\0');
    std::size_t size = name.size();
    unsigned type = 0;
    if (gnutls_server_name_get(session, name.data(), &size, &type, 0) != 0 || type != GNUTLS_NAME_DNS)
        return {};
    name.resize(std::min(size, name.find('\0')));
    return name;
}

std::string alpn_of(gnutls_session_t session)
{
    gnutls_datum_t protocol{};
    if (gnutls_alpn_get_selected_protocol(session, &protocol) != 0) return {};
    return std::string{wire::as_text(std::as_bytes(std::span{protocol.data, protocol.size}))};
}

std::string psk_identity_of(gnutls_session_t session)
{
    if (!is_psk(gnutls_kx_get(session))) return {};
    gnutls_datum_t identity{};
    if (gnutls_psk_server_get_username2(session, &identity) != 0) return {};
    return std::string{wire::as_text(std::as_bytes(std::span{identity.data, identity.size}))};
}

std::string peer_subject_of(gnutls_session_t session)
{
    const auto certificate = peer_certificate(session);
    if (!certificate) return {};
    datum subject;
    if (gnutls_x509_crt_get_dn3(certificate.get(), subject.out(), 0) != 0) return {};
    return std::string{subject.text()};
}

}  // namespace

handshake_facts claims_of(gnutls_session_t session)
{
    handshake_facts claims;
    claims.psk_identity = psk_identity_of(session);
    return claims;
}

handshake_facts facts_of(gnutls_session_t session)
{
    handshake_facts facts;
    if (const char* name = gnutls_protocol_get_name(gnutls_protocol_get_version(session)))
        facts.protocol = name;
    if (const description said{gnutls_session_get_desc(session)}) facts.cipher_suite = said.get();
    facts.server_name = server_name_of(session);
    facts.alpn = alpn_of(session);
    facts.psk_identity = psk_identity_of(session);
    facts.peer_pin = pin_of_peer(session);
    facts.peer_subject = peer_subject_of(session);
    facts.resumed = gnutls_session_is_resumed(session) != 0;
    facts.extended_master_secret = gnutls_session_ext_master_secret_status(session) != 0;
    facts.keying = make_keying(session, gnutls_context::of(session).keying());
    return facts;
}

}  // namespace quivive::tls
