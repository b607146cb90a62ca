#include "tls/gnutls_context.hpp"

#include "tls/certificate_fault.hpp"
#include "tls/keying.hpp"
#include "tls/pin.hpp"

#include <array>

namespace quivive::tls {

namespace {

// GnuTLS's limit; RFC 7301 3.1 would allow names of 255 bytes.
constexpr std::size_t max_alpn_protocols = 8;
constexpr std::size_t max_alpn_name = 31;

void check_alpn(const std::vector<std::string>& protocols, problem_list& problems)
{
    if (protocols.size() > max_alpn_protocols)
        problems.push_back("alpn: " + std::to_string(protocols.size()) +
                           " protocols; GnuTLS takes at most 8");
    for (const auto& name : protocols) {
        if (name.empty() || name.size() > max_alpn_name)
            problems.push_back("alpn: \"" + name + "\": a name must have 1 to 31 bytes");
    }
}

void set_alpn(gnutls_session_t session, const std::vector<std::string>& protocols, bool required)
{
    std::array<gnutls_datum_t, max_alpn_protocols> names{};
    for (std::size_t i = 0; i < protocols.size(); ++i) names[i] = as_datum(protocols[i]);
    // The server's own order of preference counts. "Mandatory" does not affect clients without the extension.
    // For a client, it refuses a protocol that the client has not offered (RFC 9325 3.8).
    const unsigned flags = GNUTLS_ALPN_SERVER_PRECEDENCE | (required ? GNUTLS_ALPN_MANDATORY : 0);
    check(gnutls_alpn_set_protocols(session, names.data(), static_cast<unsigned>(protocols.size()), flags),
          "gnutls_alpn_set_protocols");
}

void append_with_length(std::vector<std::byte>& to, wire::bytes what)
{
    std::array<std::byte, 3> length{};
    wire::write_integer(length, what.size());
    to.insert(to.end(), length.begin(), length.end());
    to.insert(to.end(), what.begin(), what.end());
}

/// RFC 5246 7.4.2: each certificate is preceded by its length, and the list by its total length.
std::vector<std::byte> make_certificate_message(const key_pair& pair)
{
    std::vector<std::byte> list, message;
    for (const auto& certificate : pair.chain) {
        datum der;
        check(gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_DER, der.out()),
              "gnutls_x509_crt_export2");
        append_with_length(list, der.bytes());
    }
    append_with_length(message, list);
    return message;
}

}  // namespace

void gnutls_context::apply(gnutls_session_t session) const
{
    gnutls_session_set_ptr(session, const_cast<gnutls_context*>(this));
    check(gnutls_priority_set(session, priority_.get()), "gnutls_priority_set");
    if (certificates_)
        check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, certificates_.get()),
              "gnutls_credentials_set");
    if (!alpn_.empty()) set_alpn(session, alpn_, alpn_required_);
    offer_keying(session, keying_);
    apply_role(session);
}

// The supported_versions of a fragmented hello are not checked earlier, and GnuTLS does not check them.
// GnuTLS would send handshake_failure, or a ServerHello of 1.2, to a client that offers only DTLS 1.3 (RFC
// 9147 5.3).
int gnutls_context::on_client_hello(gnutls_session_t, const wire::client_hello_view& hello) const noexcept
{
    return has_common_version(hello) ? 0 : GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
}

int gnutls_context::before_answer(gnutls_session_t) const noexcept { return 0; }

bool gnutls_context::may_resume(gnutls_session_t, const wire::client_hello_view&,
                                std::uint16_t) const noexcept
{
    return false;
}

void gnutls_context::disable_tickets(gnutls_session_t) const {}

const gnutls_context& gnutls_context::of(gnutls_session_t session) noexcept
{
    return *static_cast<const gnutls_context*>(gnutls_session_get_ptr(session));
}

void gnutls_context::use_certificate(const certificate& source, problem_list& problems)
{
    if (const auto pair = load_certificate(source, problems)) use_certificate(*pair);
}

void gnutls_context::use_certificate(const key_pair& pair)
{
    warnings_.insert(warnings_.end(), pair.warnings.begin(), pair.warnings.end());
    show(certificates_.get(), pair);
    pin_ = pin_of(pair.chain.front().get());
    key_ = certificate_key{pair.key.get()};
    certificate_message_ = make_certificate_message(pair);
}

void gnutls_context::use_options(const context_options& options, credential_kinds have, suite_order order,
                                 problem_list& problems)
{
    check_alpn(options.alpn, problems);
    alpn_ = options.alpn;
    alpn_required_ = options.alpn_required;
    check_keying(options.keying, problems);
    keying_ = options.keying;
    priority_ = make_priority(options, have, order, problems);
    if (priority_) versions_ = versions_of(priority_.get());
}

void gnutls_context::try_on_a_session(unsigned role) const
try {
    apply(make_handle<session_handle>("gnutls_init", gnutls_init, role | GNUTLS_DATAGRAM).get());
} catch (const boost::system::system_error& refused) {
    throw config_error{std::string{"GnuTLS refuses the configuration: "} + refused.what()};
}

void apply_context(gnutls_session_t session, const context& shared)
{
    static_cast<const gnutls_context&>(shared).apply(session);
}

// Uses the one free pointer of a session. GnuTLS reserves it for the functions of a session cache, and
// quivive has none.
void watch_identity(gnutls_session_t session, bool& unknown) noexcept
{
    gnutls_db_set_ptr(session, &unknown);
}

void note_unknown_identity(gnutls_session_t session) noexcept
{
    if (auto* const unknown = static_cast<bool*>(gnutls_db_get_ptr(session))) *unknown = true;
}

int verify_peer(gnutls_session_t session, const char* purpose, const std::string& name) noexcept
{
    std::array<gnutls_typed_vdata_st, 2> wanted{};
    unsigned count = 0;
    const auto want = [&](gnutls_vdata_types_t type, std::string_view value) {
        const auto text = as_datum(value);
        wanted[count++] = {type, text.data, text.size};
    };
    want(GNUTLS_DT_KEY_PURPOSE_OID, purpose);
    if (!name.empty()) want(GNUTLS_DT_DNS_HOSTNAME, name);  // which accepts IP addresses too
    unsigned status = 0;
    if (gnutls_certificate_verify_peers(session, wanted.data(), count, &status) < 0)
        return as_gnutls_code(certificate_fault::unreadable);
    const auto fault = fault_of_status(status);
    return fault ? as_gnutls_code(*fault) : 0;
}

}  // namespace quivive::tls
