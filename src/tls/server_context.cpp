#include "tls/server_context.hpp"

#include "tls/own_codes.hpp"
#include "tls/psk_beside_certificates.hpp"
#include "tls/self_signed.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>

namespace quivive::tls {

namespace {

// Return values for `gnutls_psk_server_credentials_function2`. "Unknown" makes GnuTLS continue with a random
// key, so that the peer receives the same response as after a wrong key (RFC 4279 2). An attacker cannot
// enumerate identities.
constexpr int key_found = 0;
constexpr int identity_unknown = 1;

/// Returns the order by which a session chooses unless its client's preference counts.
suite_order order_of(credential_preference prefer) noexcept
{
    return prefer == credential_preference::psk ? suite_order::psk : suite_order::certificate;
}

bool has_psk(const server_credentials& from) noexcept { return !from.psk_file.empty() || from.psk; }

/// RFC 5746 3.6.
bool has_secure_renegotiation(const wire::client_hello_view& hello) noexcept
{
    constexpr std::uint16_t renegotiation_info = 0xff01, signalling_suite = 0x00ff;
    return wire::has_number(wire::cipher_suites(hello), signalling_suite) ||
           wire::find_extension(hello, renegotiation_info).has_value();
}

/// A client cannot have a feature that a priority string switches off.
void check_requirements(const context_options& options, problem_list& problems)
{
    const auto complain_of = [&](bool required, const char* key, const char* word) {
        if (required && options.priority.find(word) != std::string::npos)
            problems.push_back(std::string{key} + ": is required, but priority switches it off by " + word +
                               "; remove it, or make this optional");
    };
    for (const auto* const word : {"%NO_SESSION_HASH", "%NO_EXTENSIONS"})
        complain_of(options.extended_master_secret_required, "extended_master_secret", word);
    for (const auto* const word : {"%DISABLE_SAFE_RENEGOTIATION", "%NO_EXTENSIONS"})
        complain_of(options.secure_renegotiation_required, "secure_renegotiation", word);
}

}  // namespace

server_context::server_context(const server_credentials& credentials, const context_options& options,
                               const server_context* before)
    : throw_away_{before ? before->throw_away_ : nullptr},
      client_auth_{credentials.client_auth},
      client_auth_with_psk_{credentials.client_auth_with_psk},
      extended_master_secret_required_{options.extended_master_secret_required},
      secure_renegotiation_required_{options.secure_renegotiation_required}
{
    problem_list problems;
    load(credentials, problems);
    if (certificates_ || psk_) choose_suites(credentials.prefer, options, problems);
    check_requirements(options, problems);
    if (!problems.empty()) throw config_error{std::move(problems)};
    if (credentials.tickets) make_tickets(credentials, options);
    try_on_a_session(GNUTLS_SERVER);
}

/// When a server has both a certificate and PSK, the order in a user's own priority string decides between
/// them. quivive has two priorities of its own if each client's order decides.
void server_context::choose_suites(credential_preference prefer, const context_options& options,
                                   problem_list& problems)
{
    const credential_kinds have{certificates_ != nullptr, psk_ != nullptr};
    use_options(options, have, order_of(prefer), problems);
    if (!priority_) return;
    suites_ = suite_families{priority_.get(), key_, have.psk};
    std::ranges::move(key_.warnings(priority_.get()), std::back_inserter(warnings_));
    const bool both = have.certificate && have.psk;
    if (both && prefer == credential_preference::client && options.priority.empty())
        psk_first_ = make_priority(options, have, suite_order::psk, problems);
}

/// Once a session has read its hello, only a change of priorities disables its tickets.
void server_context::make_tickets(const server_credentials& from, const context_options& options)
{
    check(gnutls_session_ticket_key_generate(ticket_key_.out()), "gnutls_session_ticket_key_generate");
    ticket_seconds_ =
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(from.ticket_lifetime).count());
    const credential_kinds have{certificates_ != nullptr, psk_ != nullptr};
    const auto order = order_of(from.prefer);
    auto without = options;
    without.priority = priority_text(options, have, order).append(":%NO_TICKETS");
    problem_list problems;
    without_tickets_ = make_priority(without, have, order, problems);
    if (!problems.empty()) throw config_error{std::move(problems)};
}

void server_context::load(const server_credentials& from, problem_list& problems)
{
    const bool self_signed = !from.certificate && !has_psk(from) && from.self_signed_if_none;
    if (from.certificate || self_signed) {
        certificates_ = make_handle<certificate_credentials>("gnutls_certificate_allocate_credentials",
                                                             gnutls_certificate_allocate_credentials);
        if (self_signed) {
            if (!throw_away_) throw_away_ = std::make_shared<const key_pair>(make_self_signed());
            use_certificate(*throw_away_);
        }
        if (from.certificate) use_certificate(*from.certificate, problems);
        no_certificate_ = make_handle<certificate_credentials>("gnutls_certificate_allocate_credentials",
                                                               gnutls_certificate_allocate_credentials);
    }
    if (has_psk(from)) use_psk(from, problems);
    if (!certificates_ && !psk_)
        problems.emplace_back("credentials: a server needs a certificate with its key, or PSKs (psk_file)");
    ask_clients(from, problems);
}

void server_context::ask_clients(const server_credentials& from, problem_list& problems)
{
    if (from.client_auth == client_certificates::ignore) {
        if (!from.client_ca_file.empty())
            problems.emplace_back(
                "client_ca_file: has no effect while client_auth is ignore; "
                "set client_auth to request or require, or remove client_ca_file");
        return;
    }
    if (from.client_ca_file.empty())
        problems.emplace_back(
            "client_auth: requests client certificates; client_ca_file must name the trusted authorities");
    if (!certificates_) {
        problems.emplace_back(
            "client_auth: only a server with a certificate can request one (RFC 5246 7.4.4)");
        return;
    }
    if (psk_undermines_certificates(from))
        problems.push_back(std::string{"credentials.client_auth: "} + psk_undermines_certificates_text);
    if (!from.client_ca_file.empty())
        load_trust(certificates_.get(), from.client_ca_file, problems, warnings_);
    gnutls_certificate_set_verify_function(certificates_.get(), &server_context::verify_client);
}

void server_context::use_psk(const server_credentials& from, problem_list& problems)
{
    psk_ = make_handle<psk_server_credentials>("gnutls_psk_allocate_server_credentials",
                                               gnutls_psk_allocate_server_credentials);
    gnutls_psk_set_server_credentials_function2(psk_.get(), &server_context::find_psk);
    // Needed only for a priority string with DHE-PSK, and clients that name no group of RFC 7919.
    check(gnutls_psk_set_server_known_dh_params(psk_.get(), GNUTLS_SEC_PARAM_MEDIUM),
          "gnutls_psk_set_server_known_dh_params");
    if (!from.psk_file.empty()) psk_file_ = load_psk_file(from.psk_file, problems, warnings_);
    psk_lookup_ = from.psk;
}

void server_context::apply_role(gnutls_session_t session) const
{
    if (psk_) check(gnutls_credentials_set(session, GNUTLS_CRD_PSK, psk_.get()), "gnutls_credentials_set");
    if (!ticket_key_.bytes().empty()) {
        gnutls_db_set_cache_expiration(session, ticket_seconds_);  // also the lifetime hint of tickets
        check(gnutls_session_ticket_enable_server(session, &ticket_key_.get()),
              "gnutls_session_ticket_enable_server");
    }
    switch (client_auth_) {
        case client_certificates::ignore:
            break;
        case client_certificates::request:
            gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
            break;
        case client_certificates::require:
            gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
            break;
    }
}

std::size_t server_context::min_response_size(const wire::client_hello_view& hello) const noexcept
{
    if (!hello.whole) return 0;  // a later fragment may offer a ticket, or a PSK's suite
    const bool may_resume = !ticket_key_.bytes().empty() && wire::offers_ticket(hello);
    const bool may_share_a_key = suites_.has_psk_in(wire::cipher_suites(hello));
    if (!certificates_ || !key_.suits(hello) || may_resume || may_share_a_key) return 0;
    // ServerHello, Certificate and ServerHelloDone (RFC 5246 7.4), all with their headers.
    constexpr std::size_t headers = wire::record_header_size + wire::handshake_header_size;
    constexpr std::size_t server_hello = 2 + 32 + 1 + 2 + 1;
    return 3 * headers + server_hello + certificate_message().size();
}

int server_context::on_client_hello(gnutls_session_t session,
                                    const wire::client_hello_view& hello) const noexcept
{
    if (const int refused = gnutls_context::on_client_hello(session, hello); refused < 0) return refused;
    if (secure_renegotiation_required_ && !has_secure_renegotiation(hello))
        return as_gnutls_code(errc::no_secure_renegotiation);
    // RFC 8422 5.1: a client without the key's curve must not negotiate ECDSA suites. GnuTLS checks only the
    // curves of the key exchange.
    if (no_certificate_ && !key_.suits(hello))
        return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, no_certificate_.get());
    const bool wants_psk = psk_first_ && suites_.first_of(wire::cipher_suites(hello)) == suite_family::psk;
    return wants_psk ? gnutls_priority_set(session, psk_first_.get()) : 0;
}

/// RFC 7627 5.3, 5.4: a session without an extended master secret must not be resumed. A session with a PSK
/// from a look-up gets no ticket either: its key may change at any moment, and the identity is not known yet.
int server_context::before_answer(gnutls_session_t session) const noexcept
{
    const bool extended = gnutls_session_ext_master_secret_status(session) != 0;
    if (!extended && extended_master_secret_required_) return as_gnutls_code(errc::no_extended_master_secret);
    const bool by_lookup = psk_lookup_ && is_psk(gnutls_kx_get(session));
    const bool no_ticket = without_tickets_ && (!extended || by_lookup);
    return no_ticket ? gnutls_priority_set(session, without_tickets_.get()) : 0;
}

void server_context::disable_tickets(gnutls_session_t session) const
{
    if (without_tickets_) check(gnutls_priority_set(session, without_tickets_.get()), "gnutls_priority_set");
}

/// The rules of a full handshake apply. GnuTLS alone would also resume a version that the hello does not
/// offer, or that is switched off.
bool server_context::may_resume(gnutls_session_t session, const wire::client_hello_view& hello,
                                std::uint16_t suite) const noexcept
{
    const auto version =
        gnutls_protocol_get_version(session) == GNUTLS_DTLS1_0 ? wire::dtls_1_0 : wire::dtls_1_2;
    return gnutls_session_ext_master_secret_status(session) != 0 && suites_.has(suite) && supports(version) &&
           version >= hello.version && has_credentials_of(session);
}

/// Returns true when the server would still admit the peer of a resumed session. A PSK stays valid as long as
/// the file is unchanged: a change also changes the ticket key. A PSK from a look-up has no such guarantee,
/// so its session is not resumed.
bool server_context::has_credentials_of(gnutls_session_t session) const noexcept
{
    const bool certificate_needed = client_auth_ == client_certificates::require;
    if (gnutls_auth_get_type(session) == GNUTLS_CRD_PSK) {
        gnutls_datum_t identity{};
        if (gnutls_psk_server_get_username2(session, &identity) != 0) return false;
        const auto name = wire::as_text(std::as_bytes(std::span{identity.data, identity.size}));
        return psk_file_.find(name) != nullptr && (!certificate_needed || client_auth_with_psk_);
    }
    unsigned shown = 0;
    if (gnutls_certificate_get_peers(session, &shown) == nullptr || shown == 0) return !certificate_needed;
    // The hello may have replaced the session's credentials by `no_certificate_`. The trusted authorities are
    // in `certificates_`.
    return client_auth_ != client_certificates::ignore &&
           gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, certificates_.get()) == 0 &&
           verify_client(session) == 0;
}

std::optional<secret> server_context::key_of(std::string_view identity) const noexcept
try {
    if (identity.size() > max_psk_identity || identity.find('\0') != std::string_view::npos) return {};
    if (const auto* key = psk_file_.find(identity)) return *key;
    auto key = psk_lookup_ ? psk_lookup_(identity) : std::nullopt;
    if (key && key->bytes().empty()) return {};
    return key;
} catch (...) {
    return {};  // required by the contract of `psk_lookup`
}

int server_context::find_psk(gnutls_session_t session, const gnutls_datum_t* identity,
                             gnutls_datum_t* key) noexcept
{
    const auto& self = static_cast<const server_context&>(of(session));
    const auto found = self.key_of(wire::as_text(std::as_bytes(std::span{identity->data, identity->size})));
    if (!found) {
        note_unknown_identity(session);
        return identity_unknown;
    }
    const auto& bytes = found->bytes();
    key->data = static_cast<unsigned char*>(gnutls_malloc(bytes.size()));  // GnuTLS wipes and frees it
    if (key->data == nullptr) return GNUTLS_E_MEMORY_ERROR;
    std::memcpy(key->data, bytes.data(), bytes.size());
    key->size = static_cast<unsigned>(bytes.size());
    return key_found;
}

int server_context::verify_client(gnutls_session_t session) noexcept
{
    // A peer that authenticates by a PSK receives no certificate request. With GNUTLS_CERT_REQUIRE, GnuTLS
    // itself rejects a peer without a certificate. Otherwise the certificate was optional.
    if (gnutls_auth_get_type(session) != GNUTLS_CRD_CERTIFICATE) return 0;
    if (gnutls_certificate_get_peers(session, nullptr) == nullptr) return 0;
    return verify_peer(session, GNUTLS_KP_TLS_WWW_CLIENT, {});
}

std::shared_ptr<const context> make_server_context(const server_credentials& credentials,
                                                   const context_options& options, const context* before)
{
    return std::make_shared<server_context>(credentials, options, static_cast<const server_context*>(before));
}

}  // namespace quivive::tls
