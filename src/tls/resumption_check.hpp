#pragma once

#include "tls/own_codes.hpp"
#include "wire/client_hello.hpp"
#include "wire/handshake.hpp"

#include <gnutls/gnutls.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::tls {

/// What `gnutls_handshake` gives for a ticket that is genuine, and restores what is no longer good enough.
inline constexpr int resumption_refused = base_of_resumption;

/// Has what GnuTLS restores from a client's ticket judged before anything of its answer leaves. GnuTLS itself
/// looks at the ticket's age, the server name and the extended master secret alone: not at the suites that
/// the hello offers (RFC 5246 7.4.1.2), and not at whether the peer would still be let in. Without a hello to
/// judge it by nothing is resumed.
class resumption_check {
public:
    /// A server's session is about to read this hello, which is kept if it has a ticket until the answer is
    /// made. False: there is no memory.
    [[nodiscard]] bool hello_comes(const wire::client_hello_view& hello, wire::bytes body) noexcept;

    /// The session is about to send this message. A code of GnuTLS; negative: the handshake ends with it.
    [[nodiscard]] int message_goes(gnutls_session_t session, wire::handshake_type type,
                                   wire::bytes body) noexcept;

    /// The hello of a ticket that was refused, behind room for its header (`whole_message`): for another
    /// session, which answers it in full.
    [[nodiscard]] std::vector<std::byte> take_hello() noexcept;

private:
    [[nodiscard]] bool fits(gnutls_session_t session) const noexcept;

    std::vector<std::byte> hello_;  ///< behind that room; empty: no ticket waits for an answer
    std::uint16_t suite_ = 0;       ///< of the ServerHello
};

}  // namespace quivive::tls
