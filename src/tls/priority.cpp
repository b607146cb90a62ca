#include "tls/priority.hpp"

#include "tls/cipher_map.hpp"
#include "wire/record.hpp"

#include <algorithm>
#include <span>

namespace quivive::tls {

namespace {

// Starts from an empty set: no compression, no static RSA, no CBC. PROFILE_MEDIUM refuses a peer's RSA key
// below 2048 bits (RFC 9325 4.5).
constexpr const char* base = "NONE:+VERS-DTLS1.2:+CTYPE-X509:+AEAD:%PROFILE_MEDIUM:%SERVER_PRECEDENCE";

// Suites with forward secrecy (RFC 9325 7.3) are first. Plain PSK has none.
constexpr const char* ecdhe_psk = ":+ECDHE-PSK";
constexpr const char* ecdhe_certificate = ":+ECDHE-ECDSA:+ECDHE-RSA";
constexpr const char* plain_psk = ":+PSK";

// The cheapest is first: a handshake with P-256 costs 40 us more.
constexpr const char* groups = ":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";

// CCM is for small devices (RFC 7925 4.2, 4.4).
constexpr const char* ciphers =
    ":+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:+AES-128-CCM:+AES-128-CCM-8:+AES-256-CCM:+AES-256-CCM-8";

constexpr const char* signatures =
    ":+SIGN-ECDSA-SHA256:+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512"
    ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-SHA256:+SIGN-RSA-SHA256"
    ":+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-SHA384"
    ":+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-RSA-PSS-SHA512:+SIGN-RSA-SHA512";

// DTLS 1.0 has no AEAD. CBC is last: a client with an AEAD cipher for the same key exchange gets the AEAD
// cipher. A DTLS 1.2 session may use CBC too, since a priority string cannot bind a cipher to a version.
constexpr const char* for_dtls_1_0 = ":+VERS-DTLS1.0:+AES-128-CBC:+AES-256-CBC:+SHA1";

bool suits(unsigned key_exchange, credential_kinds have) noexcept
{
    switch (key_exchange) {
        case GNUTLS_KX_PSK:
        case GNUTLS_KX_DHE_PSK:
        case GNUTLS_KX_ECDHE_PSK:
            return have.psk;
        case GNUTLS_KX_RSA:
        case GNUTLS_KX_DHE_RSA:
        case GNUTLS_KX_ECDHE_RSA:
        case GNUTLS_KX_ECDHE_ECDSA:
            return have.certificate;
        default:
            return false;
    }
}

bool uses(gnutls_priority_t priority, credential_kinds have) noexcept
{
    const unsigned* list = nullptr;
    const int count = gnutls_priority_kx_list(priority, &list);
    return std::any_of(list, list + std::max(count, 0), [have](unsigned kx) { return suits(kx, have); });
}

bool has_only_our_ciphers(gnutls_priority_t priority) noexcept
{
    const unsigned* list = nullptr;
    const int count = gnutls_priority_cipher_list(priority, &list);
    return std::all_of(list, list + std::max(count, 0), [](unsigned cipher) {
        return cipher_of(static_cast<gnutls_cipher_algorithm_t>(cipher)).has_value();
    });
}

}  // namespace

std::string default_priority(credential_kinds have, bool dtls_1_0, suite_order order)
{
    const bool certificate_first = order == suite_order::certificate, psk_first = order == suite_order::psk;
    std::string text = base;
    if (have.certificate && certificate_first) text += ecdhe_certificate;
    if (have.psk) text += ecdhe_psk;
    if (have.psk && psk_first) text += plain_psk;
    if (have.certificate && !certificate_first) text += ecdhe_certificate;
    if (have.psk && !psk_first) text += plain_psk;
    text.append(groups).append(ciphers).append(signatures);
    if (dtls_1_0) text += for_dtls_1_0;
    return text;
}

std::vector<std::uint16_t> versions_of(gnutls_priority_t priority)
{
    const unsigned* list = nullptr;
    const int count = gnutls_priority_protocol_list(priority, &list);
    std::vector<std::uint16_t> versions;
    for (const auto version : std::span{list, static_cast<std::size_t>(std::max(count, 0))}) {
        if (version == GNUTLS_DTLS1_0) versions.push_back(wire::dtls_1_0);
        if (version == GNUTLS_DTLS1_2) versions.push_back(wire::dtls_1_2);
    }
    return versions;
}

std::string priority_text(const context_options& options, credential_kinds have, suite_order order)
{
    return options.priority.empty() ? default_priority(have, options.dtls_1_0, order) : options.priority;
}

priority_handle make_priority(const context_options& options, credential_kinds have, suite_order order,
                              problem_list& problems)
{
    const auto text = priority_text(options, have, order);
    gnutls_priority_t made = nullptr;
    const char* fault = text.c_str();
    const int code = gnutls_priority_init(&made, text.c_str(), &fault);
    priority_handle priority{code < 0 ? nullptr : made};
    const auto complain = [&](const std::string& what) {
        problems.push_back("priority \"" + text + "\": " + what);
        priority.reset();
    };
    if (code < 0)
        complain("GnuTLS refuses it at position " + std::to_string(fault - text.c_str()) + ", \"" + fault +
                 "\": " + gnutls_strerror(code));
    else if (versions_of(priority.get()).empty())
        complain("has no DTLS; add +VERS-DTLS1.2");
    else if (!uses(priority.get(), have))
        complain(std::string{"has no key exchange for the credentials; add "} +
                 (have.certificate ? "+ECDHE-ECDSA:+ECDHE-RSA" : "+ECDHE-PSK:+PSK"));
    else if (options.connection_ids && !has_only_our_ciphers(priority.get()))
        complain(
            "has ciphers in CBC mode, or CAMELLIA, which do not support connection ids; remove them, or "
            "switch ids off");
    return priority;
}

}  // namespace quivive::tls
