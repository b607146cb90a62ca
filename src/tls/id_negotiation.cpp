#include "tls/id_negotiation.hpp"

#include "tls/handles.hpp"

#include <array>
#include <span>

namespace quivive::tls {

namespace {

constexpr unsigned connection_id_extension = 54;  // RFC 9146 3
constexpr unsigned rrc_extension = 61;            // RFC 9853 3

/// Return value of a send function for an extension without a body; 0 means no extension at all.
constexpr int without_body = GNUTLS_E_INT_RET_0;

id_negotiation& of(gnutls_session_t session) noexcept
{
    gnutls_ext_priv_data_t data = nullptr;
    (void)gnutls_ext_get_data(session, connection_id_extension, &data);
    return *static_cast<id_negotiation*>(data);
}

void add_extension(gnutls_session_t session, const char* name, unsigned type, gnutls_ext_recv_func hear,
                   gnutls_ext_send_func say)
{
    // Mandatory: GnuTLS calls it also when the session is resumed.
    check(
        gnutls_session_ext_register(
            session, name, static_cast<int>(type), GNUTLS_EXT_MANDATORY, hear, say, nullptr, nullptr, nullptr,
            GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_TLS12_SERVER_HELLO | GNUTLS_EXT_FLAG_DTLS),
        "gnutls_session_ext_register");
}

}  // namespace

void id_negotiation::attach(gnutls_session_t session)
{
    add_extension(session, "connection_id", connection_id_extension, &receive_id, &send_id);
    add_extension(session, "rrc", rrc_extension, &receive_rrc, &send_rrc);
    gnutls_ext_set_data(session, connection_id_extension, this);
}

int id_negotiation::receive_id(gnutls_session_t session, const unsigned char* data, std::size_t size) noexcept
{
    auto& self = of(session);
    wire::reader in{std::as_bytes(std::span{data, size})};
    const auto id = in.vector(1);
    if (!in.ok() || !in.done()) return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
    // A client's request that cannot be met is ignored. A server's response is no request: the server has
    // agreed, and ignores records without its id (RFC 9146 3).
    if (id.size() > wire::peers_connection_id::max_size)
        return self.server_ ? 0 : GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
    self.ids_.peers = wire::peers_connection_id{id};
    self.received_ = true;
    return 0;
}

/// A client sends its extension first; a server only responds.
int id_negotiation::send_id(gnutls_session_t session, gnutls_buffer_t out) noexcept
{
    auto& self = of(session);
    if (self.server_ && !self.received_) return 0;
    const std::array size{static_cast<std::byte>(self.ids_.own.size())};
    // Half an extension would be a different one, so the handshake fails when memory is exhausted.
    for (const auto part : {wire::bytes{size}, self.ids_.own.value()})
        if (const int failed = gnutls_buffer_append_data(out, part.data(), part.size()); failed < 0)
            return failed;
    self.sent_ = true;
    return static_cast<int>(size.size() + self.ids_.own.size());
}

int id_negotiation::receive_rrc(gnutls_session_t session, const unsigned char*, std::size_t size) noexcept
{
    if (size != 0) return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
    of(session).ids_.checks_paths = true;
    return 0;
}

int id_negotiation::send_rrc(gnutls_session_t session, gnutls_buffer_t) noexcept
{
    const auto& self = of(session);
    return !self.server_ || (self.ids_.checks_paths && self.sent_) ? without_body : 0;
}

}  // namespace quivive::tls
