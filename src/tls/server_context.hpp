#pragma once

#include "quivive/credentials.hpp"
#include "tls/gnutls_context.hpp"
#include "tls/psk_file.hpp"
#include "tls/suite_families.hpp"

#include <memory>

namespace quivive::tls {

/// Not final: tests derive contexts with a common ticket key from it.
class server_context : public gnutls_context {
public:
    /// Throws `config_error`. `before` may be null.
    server_context(const server_credentials& credentials, const context_options& options,
                   const server_context* before);

    [[nodiscard]] std::size_t min_response_size(const wire::client_hello_view& hello) const noexcept override;
    [[nodiscard]] int on_client_hello(gnutls_session_t session,
                                      const wire::client_hello_view& hello) const noexcept override;
    [[nodiscard]] bool has_chains_in_tickets() const noexcept override
    {
        return client_auth_ != client_certificates::ignore && !ticket_key_.bytes().empty();
    }
    [[nodiscard]] int before_answer(gnutls_session_t session) const noexcept override;
    [[nodiscard]] bool may_resume(gnutls_session_t session, const wire::client_hello_view& hello,
                                  std::uint16_t suite) const noexcept override;
    void disable_tickets(gnutls_session_t session) const override;

protected:
    void apply_role(gnutls_session_t session) const override;

private:
    void load(const server_credentials& from, problem_list& problems);
    void ask_clients(const server_credentials& from, problem_list& problems);
    void use_psk(const server_credentials& from, problem_list& problems);
    void choose_suites(credential_preference prefer, const context_options& options, problem_list& problems);
    void make_tickets(const server_credentials& from, const context_options& options);

    [[nodiscard]] bool has_credentials_of(gnutls_session_t session) const noexcept;

    /// Returns the key of an identity. Empty: unknown, for any reason.
    [[nodiscard]] std::optional<secret> key_of(std::string_view identity) const noexcept;

    // Called by GnuTLS during a handshake.
    static int find_psk(gnutls_session_t session, const gnutls_datum_t* identity,
                        gnutls_datum_t* key) noexcept;
    static int verify_client(gnutls_session_t session) noexcept;

    std::shared_ptr<const key_pair> throw_away_;  // null: no certificate has been needed yet
    psk_server_credentials psk_;                  // null: no PSK
    suite_families suites_;
    priority_handle psk_first_;  // for clients that prefer PSK; null: one order for all clients
    certificate_credentials
        no_certificate_;  // for clients that do not accept the server's certificate; null: there is none
    psk_table psk_file_;
    psk_lookup psk_lookup_;
    client_certificates client_auth_;
    bool client_auth_with_psk_;
    bool extended_master_secret_required_, secure_renegotiation_required_;
    datum ticket_key_;  // empty: no tickets
    int ticket_seconds_ = 0;
    priority_handle without_tickets_;  // `priority_` for sessions without tickets; null: no tickets at all
};

}  // namespace quivive::tls
