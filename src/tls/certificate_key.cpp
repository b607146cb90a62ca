#include "tls/certificate_key.hpp"

#include <algorithm>
#include <span>

namespace quivive::tls {

namespace {

/// RFC 8422 5.1.1.
std::uint16_t group_of(gnutls_ecc_curve_t curve) noexcept
{
    switch (curve) {
        case GNUTLS_ECC_CURVE_SECP192R1:
            return 19;
        case GNUTLS_ECC_CURVE_SECP224R1:
            return 21;
        case GNUTLS_ECC_CURVE_SECP256R1:
            return 23;
        case GNUTLS_ECC_CURVE_SECP384R1:
            return 24;
        case GNUTLS_ECC_CURVE_SECP521R1:
            return 25;
        default:
            return 0;
    }
}

std::uint16_t group_of(gnutls_x509_privkey_t key)
{
    gnutls_ecc_curve_t curve{};
    check(gnutls_x509_privkey_export_ecc_raw(key, &curve, nullptr, nullptr, nullptr),
          "gnutls_x509_privkey_export_ecc_raw");
    return group_of(curve);
}

/// Returns the priority-string keyword for a signature by such a key. Empty: GnuTLS has none.
std::string signature_word(gnutls_pk_algorithm_t algorithm)
{
    for (const auto* each = gnutls_sign_list(); *each != 0; ++each)
        if (gnutls_sign_supports_pk_algorithm(*each, algorithm) != 0)
            return std::string{"+SIGN-"} + gnutls_sign_get_name(*each);
    return {};
}

}  // namespace

certificate_key::certificate_key(gnutls_x509_privkey_t key)
    : algorithm_{static_cast<gnutls_pk_algorithm_t>(
          check(gnutls_x509_privkey_get_pk_algorithm(key), "gnutls_x509_privkey_get_pk_algorithm"))},
      group_{algorithm_ == GNUTLS_PK_ECDSA ? group_of(key) : std::uint16_t{0}}
{
}

bool certificate_key::suits(gnutls_kx_algorithm_t exchange) const noexcept
{
    switch (exchange) {
        case GNUTLS_KX_ECDHE_ECDSA:
            return algorithm_ == GNUTLS_PK_ECDSA || algorithm_ == GNUTLS_PK_EDDSA_ED25519 ||
                   algorithm_ == GNUTLS_PK_EDDSA_ED448;
        case GNUTLS_KX_ECDHE_RSA:
        case GNUTLS_KX_DHE_RSA:
            return algorithm_ == GNUTLS_PK_RSA || algorithm_ == GNUTLS_PK_RSA_PSS;
        case GNUTLS_KX_RSA:
            return algorithm_ == GNUTLS_PK_RSA;
        default:
            return false;
    }
}

bool certificate_key::suits(const wire::client_hello_view& hello) const noexcept
{
    if (group_ == 0) return true;
    const auto groups = wire::supported_groups(hello);
    return !groups || wire::has_number(*groups, group_);  // RFC 8422 4: without it, any will do
}

bool certificate_key::has_signature_in(gnutls_priority_t priority) const noexcept
{
    const unsigned* list = nullptr;
    const int count = gnutls_priority_sign_list(priority, &list);
    return std::any_of(list, list + std::max(count, 0), [this](unsigned each) {
        return gnutls_sign_supports_pk_algorithm(static_cast<gnutls_sign_algorithm_t>(each), algorithm_) != 0;
    });
}

std::vector<std::string> certificate_key::warnings(gnutls_priority_t priority) const
{
    std::vector<std::string> warnings;
    if (algorithm_ == GNUTLS_PK_UNKNOWN) return warnings;
    if (algorithm_ == GNUTLS_PK_RSA || algorithm_ == GNUTLS_PK_RSA_PSS)
        warnings.emplace_back(
            "the certificate has an RSA key; a P-256 key makes handshakes about ten times cheaper");
    if (!has_signature_in(priority))
        warnings.push_back(
            std::string{"the certificate has a key ("} + gnutls_pk_get_name(algorithm_) +
            ") for which the priorities have no signature, so it serves no client; take a P-256 "
            "key, or a priority of your own with " +
            signature_word(algorithm_));
    else if (algorithm_ == GNUTLS_PK_EDDSA_ED25519)
        warnings.emplace_back(
            "the certificate has an Ed25519 key, which excludes clients without Ed25519, such as Mbed TLS "
            "3.6, Botan 2 and werift; a P-256 key works for them too");
    else if (algorithm_ == GNUTLS_PK_RSA_PSS)
        warnings.emplace_back(
            "the certificate has an RSA-PSS key, which excludes clients without RSA-PSS, such as Mbed TLS "
            "3.6, Botan 2, werift, wolfSSL 5.5 and pion; a P-256 key works for them too");
    return warnings;
}

}  // namespace quivive::tls
