#pragma once

#include "record/connection_ids.hpp"

#include <gnutls/gnutls.h>

#include <memory>
#include <optional>

namespace quivive::tls {

/// The hello extensions connection_id (RFC 9146 3) and rrc (RFC 9853 3) of one session. GnuTLS knows neither,
/// so they are registered with it; on resumption they are agreed on anew. Only AEAD ciphers have a record
/// layer that knows ids: the session must have no others among its priorities.
class id_negotiation {
public:
    /// `role`: GNUTLS_SERVER or GNUTLS_CLIENT. `own`: the id that the peer shall use; empty: none, the peer's
    /// being wanted only.
    id_negotiation(unsigned role, const wire::own_connection_id& own) noexcept
        : server_{role == GNUTLS_SERVER}
    {
        ids_.own = own;
    }
    id_negotiation(const id_negotiation&) = delete;
    id_negotiation& operator=(const id_negotiation&) = delete;

    /// To be called before the handshake. Must outlive the session. Throws `boost::system::system_error`.
    void attach(gnutls_session_t session);

    [[nodiscard]] const wire::own_connection_id& own() const noexcept { return ids_.own; }
    /// Null until, and unless, both hellos had the extension.
    [[nodiscard]] const record::connection_ids* agreed() const noexcept
    {
        return heard_ && said_ ? &ids_ : nullptr;
    }
    /// A client's id, from its hello on until the server has agreed; null when there is none. Records with it
    /// may overtake the ServerHello.
    [[nodiscard]] const wire::own_connection_id* offered() const noexcept
    {
        return !server_ && said_ && !heard_ && !ids_.own.empty() ? &ids_.own : nullptr;
    }

private:
    static int hear_id(gnutls_session_t session, const unsigned char* data, std::size_t size) noexcept;
    static int say_id(gnutls_session_t session, gnutls_buffer_t out) noexcept;
    static int hear_checks(gnutls_session_t session, const unsigned char* data, std::size_t size) noexcept;
    static int say_checks(gnutls_session_t session, gnutls_buffer_t out) noexcept;

    bool server_;
    record::connection_ids ids_;
    bool heard_ = false, said_ = false;
};

}  // namespace quivive::tls
