#include "tls/client_context.hpp"

#include "tls/certificate_fault.hpp"
#include "tls/pin.hpp"
#include "tls/psk_file.hpp"

#include <exception>

namespace quivive::tls {

namespace {

// RFC 6066 3: an IP address is not permitted as a host name. No top-level domain is all digits (RFC 3696 2).
bool is_address(std::string_view name) noexcept
{
    return name.find(':') != std::string_view::npos ||
           name.find_first_not_of("0123456789.") == std::string_view::npos;
}

int ways_to_verify(const client_credentials& from) noexcept
{
    return (from.ca_file.empty() ? 0 : 1) + (from.pin.empty() ? 0 : 1) + (from.insecure ? 1 : 0);
}

bool has_psk(const client_credentials& from) noexcept
{
    return !from.psk_identity.empty() || !from.psk_key.bytes().empty();
}

}  // namespace

client_context::client_context(const client_credentials& credentials, const context_options& options)
    : server_name_{credentials.server_name}, server_pin_{credentials.pin}
{
    problem_list problems;
    load(credentials, problems);
    if (certificates_ || psk_)
        use_options(options, {certificates_ != nullptr, psk_ != nullptr}, suite_order::forward_secrecy,
                    problems);
    if (!problems.empty()) throw config_error{std::move(problems)};
    try_on_a_session(GNUTLS_CLIENT);
}

void client_context::load(const client_credentials& from, problem_list& problems)
{
    const int ways = ways_to_verify(from);
    if (ways > 1)
        problems.emplace_back("credentials: ca_file, pin and insecure exclude each other; give one");
    if (ways == 0 && !has_psk(from))
        problems.emplace_back(
            "credentials: a client must know its server; give ca_file, pin or a PSK (or insecure)");
    if (ways == 0 && from.certificate)
        problems.emplace_back(
            "certificate: has no effect while a PSK alone verifies the server; give ca_file or pin too");
    if (ways > 0) trust(from, problems);
    if (has_psk(from)) use_psk(from, problems);
}

void client_context::trust(const client_credentials& from, problem_list& problems)
{
    certificates_ = make_handle<certificate_credentials>("gnutls_certificate_allocate_credentials",
                                                         gnutls_certificate_allocate_credentials);
    if (from.certificate) use_certificate(*from.certificate, problems);
    if (!from.ca_file.empty()) {
        load_trust(certificates_.get(), from.ca_file, problems, warnings_);
        gnutls_certificate_set_verify_function(certificates_.get(), &client_context::verify_chain);
    }
    if (!from.pin.empty()) {
        if (!is_pin(from.pin))
            problems.push_back("pin: \"" + from.pin + "\": expected sha256: and 44 characters of base64");
        gnutls_certificate_set_verify_function(certificates_.get(), &client_context::verify_pin);
    }
}

void client_context::use_psk(const client_credentials& from, problem_list& problems)
{
    psk_ = make_handle<psk_client_credentials>("gnutls_psk_allocate_client_credentials",
                                               gnutls_psk_allocate_client_credentials);
    const auto before = problems.size();
    if (from.psk_identity.empty()) problems.emplace_back("psk_identity: is missing for the psk_key");
    if (from.psk_key.bytes().empty()) problems.emplace_back("psk_key: is missing for the psk_identity");
    if (from.psk_identity.size() > max_psk_identity)
        problems.emplace_back("psk_identity: is longer than 128 bytes");
    if (from.psk_identity.find('\0') != std::string::npos) problems.emplace_back("psk_identity: has a NUL");
    if (problems.size() > before) return;
    const auto identity = as_datum(from.psk_identity);
    const auto key = as_datum(from.psk_key.bytes());
    check(gnutls_psk_set_client_credentials2(psk_.get(), &identity, &key, GNUTLS_PSK_KEY_RAW),
          "gnutls_psk_set_client_credentials2");
}

void client_context::apply_role(gnutls_session_t session) const
{
    if (psk_) check(gnutls_credentials_set(session, GNUTLS_CRD_PSK, psk_.get()), "gnutls_credentials_set");
    if (!server_name_.empty() && !is_address(server_name_))
        check(gnutls_server_name_set(session, GNUTLS_NAME_DNS, server_name_.data(), server_name_.size()),
              "gnutls_server_name_set");
}

int client_context::verify_chain(gnutls_session_t session) noexcept
{
    const auto& self = static_cast<const client_context&>(of(session));
    return verify_peer(session, GNUTLS_KP_TLS_WWW_SERVER, self.server_name_);
}

int client_context::verify_pin(gnutls_session_t session) noexcept
try {
    const auto& self = static_cast<const client_context&>(of(session));
    return pin_of_peer(session) == self.server_pin_ ? 0 : as_gnutls_code(certificate_fault::not_pinned);
} catch (const std::exception&) {
    return as_gnutls_code(certificate_fault::unreadable);
}

std::shared_ptr<const context> make_client_context(const client_credentials& credentials,
                                                   const context_options& options)
{
    return std::make_shared<client_context>(credentials, options);
}

}  // namespace quivive::tls
