#pragma once

#include "tls/own_codes.hpp"
#include "wire/client_hello.hpp"
#include "wire/handshake.hpp"

#include <gnutls/gnutls.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::tls {

/// Result of `gnutls_handshake` for a genuine ticket whose restored state is no longer acceptable.
inline constexpr int resumption_refused = base_of_resumption;

/// Checks the state that GnuTLS restores from a client's ticket before any part of the response is sent.
/// GnuTLS itself checks only the ticket's age, the server name and the extended master secret. It does not
/// check the suites that the hello offers (RFC 5246 7.4.1.2), or whether the server would still admit the
/// peer. Without a hello to check against, no session is resumed.
class resumption_check {
public:
    /// Called when a server's session is about to read this hello. Keeps a hello with a ticket until the
    /// response is complete. Returns false when memory is exhausted.
    [[nodiscard]] bool hello_comes(const wire::client_hello_view& hello, wire::bytes body) noexcept;

    /// Called when the session is about to send this message. Returns a code of GnuTLS; when it is negative,
    /// the handshake ends with it.
    [[nodiscard]] int message_goes(gnutls_session_t session, wire::handshake_type type,
                                   wire::bytes body) noexcept;

    /// Returns the hello of a refused ticket, after space for its header (`whole_message`). Another session
    /// responds to it with a full handshake.
    [[nodiscard]] std::vector<std::byte> take_hello() noexcept;

private:
    [[nodiscard]] bool fits(gnutls_session_t session) const noexcept;

    std::vector<std::byte> hello_;  ///< after that space; empty: no ticket is pending
    std::uint16_t suite_ = 0;       ///< suite of the ServerHello
};

}  // namespace quivive::tls
