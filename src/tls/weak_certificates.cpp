#include "tls/weak_certificates.hpp"

namespace quivive::tls {

namespace {

constexpr unsigned min_rsa_bits = 2048;

bool is_rsa(int algorithm) noexcept { return algorithm == GNUTLS_PK_RSA || algorithm == GNUTLS_PK_RSA_PSS; }

bool is_broken(gnutls_digest_algorithm_t hash) noexcept
{
    return hash == GNUTLS_DIG_SHA1 || hash == GNUTLS_DIG_MD5 || hash == GNUTLS_DIG_MD2;
}

}  // namespace

void warn_of_weakness(gnutls_x509_crt_t certificate, const std::string& name,
                      std::vector<std::string>& warnings)
{
    unsigned bits = 0;
    if (is_rsa(gnutls_x509_crt_get_pk_algorithm(certificate, &bits)) && bits < min_rsa_bits)
        warnings.push_back(name + " has an RSA key of " + std::to_string(bits) +
                           " bits, which can be broken; take a P-256 key, or RSA of 2048 bits at least");

    const int signature = gnutls_x509_crt_get_signature_algorithm(certificate);
    if (signature < 0) return;
    const auto hash = gnutls_sign_get_hash_algorithm(static_cast<gnutls_sign_algorithm_t>(signature));
    const auto is_root = [&] { return gnutls_x509_crt_check_issuer(certificate, certificate) == 1; };
    if (is_broken(hash) && !is_root())
        warnings.push_back(name + " is signed over " + gnutls_digest_get_name(hash) +
                           ", which can be forged; get a new certificate with a signature over SHA-256");
}

}  // namespace quivive::tls
