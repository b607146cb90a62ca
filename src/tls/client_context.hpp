#pragma once

#include "quivive/credentials.hpp"
#include "tls/gnutls_context.hpp"

#include <string>

namespace quivive::tls {

class client_context final : public gnutls_context {
public:
    /// Throws `config_error`.
    client_context(const client_credentials& credentials, const context_options& options);

private:
    void load(const client_credentials& from, problem_list& problems);
    void trust(const client_credentials& from, problem_list& problems);
    void use_psk(const client_credentials& from, problem_list& problems);

    void apply_role(gnutls_session_t session) const override;

    // Called by GnuTLS during a handshake.
    static int verify_chain(gnutls_session_t session) noexcept;
    static int verify_pin(gnutls_session_t session) noexcept;

    psk_client_credentials psk_;  // null: no PSK
    std::string server_name_;
    std::string server_pin_;
};

}  // namespace quivive::tls
