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

/// Common base of the contexts of servers and of clients. Every context derives from it.
class gnutls_context : public context {
public:
    /// Applies all settings of this context to a fresh session. The session then keeps raw pointers into the
    /// context. This call uses the session's `gnutls_session_set_ptr`. Throws `boost::system::system_error`.
    void apply(gnutls_session_t session) const;

    [[nodiscard]] const keying_options& keying() const noexcept { return keying_; }
    /// Called by a server's session with its whole ClientHello, before GnuTLS reads it. Evaluates the parts
    /// that GnuTLS does not check, and makes the choices that GnuTLS cannot. Returns a code of GnuTLS; when
    /// it is negative, the handshake fails with it.
    [[nodiscard]] virtual int on_client_hello(gnutls_session_t session,
                                              const wire::client_hello_view& hello) const noexcept;

    /// Called by a server's session after it has read its ClientHello and chosen its parameters, before it
    /// responds. Returns a code of GnuTLS; when it is negative, the handshake fails with it.
    [[nodiscard]] virtual int before_answer(gnutls_session_t session) const noexcept;

    /// Called by a server's session. Returns true when the state restored from a ticket is acceptable for
    /// this hello. `suite` is the number of the cipher suite.
    [[nodiscard]] virtual bool may_resume(gnutls_session_t session, const wire::client_hello_view& hello,
                                          std::uint16_t suite) const noexcept;
    /// Makes a fresh server's session accept no ticket, and send none. Throws `boost::system::system_error`.
    virtual void disable_tickets(gnutls_session_t session) const;

    /// Returns the context of a session, during a callback of GnuTLS or after its handshake.
    [[nodiscard]] static const gnutls_context& of(gnutls_session_t session) noexcept;

protected:
    /// Applies the settings that only a server's, or only a client's, session needs.
    virtual void apply_role(gnutls_session_t session) const = 0;

    // The constructors of a derived class collect all problems by these functions, and throw them at the end.
    void use_certificate(const certificate& source, problem_list& problems);
    void use_certificate(const key_pair& pair);
    void use_options(const context_options& options, credential_kinds have, suite_order order,
                     problem_list& problems);

    /// Runs `apply` once on a test session. A setting that GnuTLS refuses then fails now and not at the first
    /// handshake.
    void try_on_a_session(unsigned role) const;

    certificate_credentials certificates_;  // null: no certificate is presented or verified
    certificate_key key_;                   // the key of the presented certificate
    priority_handle priority_;  // shared by all sessions: a string for each would cost six times as much

private:
    keying_options keying_;
    std::vector<std::string> alpn_;
    bool alpn_required_ = true;
};

/// Calls `gnutls_context::apply` of a context from `make_server_context` or `make_client_context`.
void apply_context(gnutls_session_t session, const context& shared);

/// Makes `unknown` become true when the peer of this session names a PSK identity without a key. The
/// handshake itself does not show this. `unknown` must outlive the session.
void watch_identity(gnutls_session_t session, bool& unknown) noexcept;
/// Records an unknown PSK identity, during a callback of GnuTLS.
void note_unknown_identity(gnutls_session_t session) noexcept;

/// Returns the result for a verification callback of GnuTLS. 0: the peer's chain leads to a trusted
/// certificate and is valid for `purpose` (GNUTLS_KP_...). Unless `name` is empty, it is also valid for that
/// host name or IP address. In all other cases, returns `as_gnutls_code` of the fault.
[[nodiscard]] int verify_peer(gnutls_session_t session, const char* purpose,
                              const std::string& name) noexcept;

}  // namespace quivive::tls
