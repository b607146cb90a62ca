#pragma once

#include "record/connection_ids.hpp"

#include <gnutls/gnutls.h>

#include <memory>
#include <optional>

namespace quivive::tls {

/// The hello extensions connection_id (RFC 9146 3) and rrc (RFC 9853 3) of one session. GnuTLS implements
/// neither, so this class registers them. On resumption they are negotiated anew. quivive's record layer
/// supports ids with AEAD ciphers only: the session's priorities must have no other ciphers.
class id_negotiation {
public:
    /// `role` is GNUTLS_SERVER or GNUTLS_CLIENT. `own` is the id that the peer puts into its records; empty:
    /// none, and only the peer's id is requested.
    id_negotiation(unsigned role, const wire::own_connection_id& own) noexcept
        : server_{role == GNUTLS_SERVER}
    {
        ids_.own = own;
    }
    id_negotiation(const id_negotiation&) = delete;
    id_negotiation& operator=(const id_negotiation&) = delete;

    /// Registers the extensions; call it before the handshake. The object must outlive the session. Throws
    /// `boost::system::system_error`.
    void attach(gnutls_session_t session);

    [[nodiscard]] const wire::own_connection_id& own() const noexcept { return ids_.own; }
    /// Returns null unless both hellos have had the extension.
    [[nodiscard]] const record::connection_ids* agreed() const noexcept
    {
        return received_ && sent_ ? &ids_ : nullptr;
    }
    /// Returns a client's id, from its hello until the server has agreed; null when there is none. Records
    /// with it may overtake the ServerHello.
    [[nodiscard]] const wire::own_connection_id* offered() const noexcept
    {
        return !server_ && sent_ && !received_ && !ids_.own.empty() ? &ids_.own : nullptr;
    }

private:
    static int receive_id(gnutls_session_t session, const unsigned char* data, std::size_t size) noexcept;
    static int send_id(gnutls_session_t session, gnutls_buffer_t out) noexcept;
    static int receive_rrc(gnutls_session_t session, const unsigned char* data, std::size_t size) noexcept;
    static int send_rrc(gnutls_session_t session, gnutls_buffer_t out) noexcept;

    bool server_;
    record::connection_ids ids_;
    bool received_ = false, sent_ = false;
};

}  // namespace quivive::tls
