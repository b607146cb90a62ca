#pragma once

#include "tls/certificate_files.hpp"
#include "tls/certificate_key.hpp"
#include "tls/context.hpp"
#include "tls/handles.hpp"
#include "tls/priority.hpp"
#include "tls/text_file.hpp"

#include <string>
#include <vector>

namespace quivive::tls {

/// What the contexts of servers and of clients have in common; every context is one.
class gnutls_context : public context {
public:
    /// Tells a fresh session all that this context has. The session then keeps raw pointers into it, and
    /// `gnutls_session_set_ptr` of it is taken. Throws `boost::system::system_error`.
    void apply(gnutls_session_t session) const;

    [[nodiscard]] const keying_options& keying() const noexcept { return keying_; }
    /// Called by a server's session with its whole ClientHello, before GnuTLS reads it: judges, and chooses,
    /// what GnuTLS cannot. A code of GnuTLS; negative: the handshake fails by it.
    [[nodiscard]] virtual int meet_hello(gnutls_session_t session,
                                         const wire::client_hello_view& hello) const noexcept;

    /// Called by a server's session that has read its ClientHello and chosen by it, before it answers. A code
    /// of GnuTLS; negative: the handshake fails by it.
    [[nodiscard]] virtual int before_answer(gnutls_session_t session) const noexcept;

    /// Whether what a server's session has restored from a ticket is good enough for this hello. `suite`: the
    /// number of the cipher suite.
    [[nodiscard]] virtual bool may_resume(gnutls_session_t session, const wire::client_hello_view& hello,
                                          std::uint16_t suite) const noexcept;
    /// Has a fresh server's session take no ticket, and give none. Throws `boost::system::system_error`.
    virtual void leave_out_tickets(gnutls_session_t session) const;

    /// The context of a session, within a callback of GnuTLS or after its handshake.
    [[nodiscard]] static const gnutls_context& of(gnutls_session_t session) noexcept;

protected:
    /// What only a server's, or only a client's, session needs.
    virtual void apply_role(gnutls_session_t session) const = 0;

    // The constructors of a derived class gather all problems by these, and throw them at the end.
    void use_certificate(const certificate& source, problem_list& problems);
    void use_certificate(const key_pair& pair);
    void use_options(const context_options& options, proofs have, suite_order order, problem_list& problems);

    /// Has `apply` succeed once, so that what GnuTLS refuses is known now and not at the first handshake.
    void try_on_a_session(unsigned role) const;

    certificate_credentials certificates_;  // null: neither shown nor verified
    certificate_key key_;                   // of what is shown
    priority_handle priority_;  // one for all sessions: a string for each would cost six times as much

private:
    keying_options keying_;
    std::vector<std::string> alpn_;
    bool alpn_required_ = true;
};

/// `gnutls_context::apply` of a context that `make_server_context` or `make_client_context` has made.
void apply_context(gnutls_session_t session, const context& shared);

/// `unknown` becomes true when the peer of this session names a PSK identity that has no key, of which the
/// handshake itself shows nothing. Must outlive the session.
void watch_identity(gnutls_session_t session, bool& unknown) noexcept;
/// To be told that, within a callback of GnuTLS.
void note_unknown_identity(gnutls_session_t session) noexcept;

/// The result of a verifying callback of GnuTLS: 0 when the chain that the peer has shown leads to a
/// trusted certificate and is good for `purpose` (GNUTLS_KP_...); and, unless `name` is empty, for that host
/// name or IP address. Else `as_gnutls_code` of what is wrong.
[[nodiscard]] int verify_peer(gnutls_session_t session, const char* purpose,
                              const std::string& name) noexcept;

}  // namespace quivive::tls
