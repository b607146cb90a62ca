#include "support/certificates.hpp"

#include "tls/handles.hpp"

#include <gnutls/crypto.h>

#include <array>
#include <chrono>
#include <string_view>

namespace quivive::test {

namespace {

using namespace quivive::tls;

x509_private_key make_key(key_type type)
{
    auto key = make_handle<x509_private_key>("gnutls_x509_privkey_init", gnutls_x509_privkey_init);
    const auto generate = [&](gnutls_pk_algorithm_t algorithm, unsigned bits) {
        check(gnutls_x509_privkey_generate(key.get(), algorithm, bits, 0), "gnutls_x509_privkey_generate");
    };
    switch (type) {
        case key_type::p256:
            generate(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
            break;
        case key_type::p384:
            generate(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1));
            break;
        case key_type::rsa:
            generate(GNUTLS_PK_RSA, 2048);
            break;
        case key_type::weak_rsa:
            generate(GNUTLS_PK_RSA, 1024);
            break;
        case key_type::rsa_pss:
            generate(GNUTLS_PK_RSA_PSS, 2048);
            break;
        case key_type::ed25519:
            generate(GNUTLS_PK_EDDSA_ED25519, 256);
            break;
        case key_type::ed448:
            generate(GNUTLS_PK_EDDSA_ED448, 456);
            break;
    }
    return key;
}

x509_private_key read_key(const issued& from)
{
    auto key = make_handle<x509_private_key>("gnutls_x509_privkey_init", gnutls_x509_privkey_init);
    const auto pem = as_datum(from.key);
    check(gnutls_x509_privkey_import(key.get(), &pem, GNUTLS_X509_FMT_PEM), "gnutls_x509_privkey_import");
    return key;
}

x509_certificate read_certificate(const issued& from)
{
    auto certificate = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    const auto pem = as_datum(from.certificate);
    check(gnutls_x509_crt_import(certificate.get(), &pem, GNUTLS_X509_FMT_PEM), "gnutls_x509_crt_import");
    return certificate;
}

void set_names(gnutls_x509_crt_t certificate, const certificate_spec& spec)
{
    std::array<unsigned char, 8> serial{};
    check(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size()), "gnutls_rnd");
    serial.front() = 1;
    check(gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()),
          "gnutls_x509_crt_set_serial");
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, spec.name.data(),
                                        static_cast<unsigned>(spec.name.size())),
          "gnutls_x509_crt_set_dn_by_oid");
    const auto add = [certificate](gnutls_x509_subject_alt_name_t type, const auto& value) {
        check(gnutls_x509_crt_set_subject_alt_name(certificate, type, value.data(),
                                                   static_cast<unsigned>(value.size()), GNUTLS_FSAN_APPEND),
              "gnutls_x509_crt_set_subject_alt_name");
    };
    if (spec.is_ca) return;
    for (const auto& dns : spec.dns_names) add(GNUTLS_SAN_DNSNAME, dns);
    for (const auto& address : spec.addresses) add(GNUTLS_SAN_IPADDRESS, address);
}

void set_validity(gnutls_x509_crt_t certificate, const certificate_spec& spec)
{
    using std::chrono::system_clock;
    const auto in_days = [now = system_clock::now()](int days) {
        return system_clock::to_time_t(now + std::chrono::days{days});
    };
    check(gnutls_x509_crt_set_activation_time(certificate, in_days(spec.days_from)), "activation time");
    check(gnutls_x509_crt_set_expiration_time(certificate, in_days(spec.days_to)), "expiration time");
}

void set_usage(gnutls_x509_crt_t certificate, const certificate_spec& spec)
{
    check(gnutls_x509_crt_set_basic_constraints(certificate, spec.is_ca ? 1 : 0, -1), "basic constraints");
    const unsigned usage = spec.is_ca ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE;
    check(gnutls_x509_crt_set_key_usage(certificate, usage), "key usage");
    if (spec.purpose != nullptr)
        check(gnutls_x509_crt_set_key_purpose_oid(certificate, spec.purpose, 0), "key purpose");
    const std::vector<unsigned char> padding(spec.padding);
    if (!padding.empty())
        check(gnutls_x509_crt_set_extension_by_oid(certificate, "1.3.6.1.4.1.55738.1", padding.data(),
                                                   padding.size(), 0),
              "padding");
}

gnutls_digest_algorithm_t digest_for(gnutls_x509_privkey_t signer)
{
    switch (gnutls_x509_privkey_get_pk_algorithm(signer)) {
        case GNUTLS_PK_EDDSA_ED25519:
            return GNUTLS_DIG_SHA512;
        case GNUTLS_PK_EDDSA_ED448:
            return GNUTLS_DIG_SHAKE_256;
        default:
            return GNUTLS_DIG_SHA256;
    }
}

issued make(const issued* issuer, const certificate_spec& spec)
{
    const auto key = make_key(spec.key);
    const auto certificate = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    check(gnutls_x509_crt_set_version(certificate.get(), 3), "gnutls_x509_crt_set_version");
    set_names(certificate.get(), spec);
    set_validity(certificate.get(), spec);
    set_usage(certificate.get(), spec);
    check(gnutls_x509_crt_set_key(certificate.get(), key.get()), "gnutls_x509_crt_set_key");

    const auto issuer_key = issuer != nullptr ? read_key(*issuer) : nullptr;
    const auto issuer_certificate = issuer != nullptr ? read_certificate(*issuer) : nullptr;
    const auto* signer_key = issuer_key ? &issuer_key : &key;
    const auto* signer = issuer_certificate ? &issuer_certificate : &certificate;
    check(gnutls_x509_crt_sign2(certificate.get(), signer->get(), signer_key->get(),
                                spec.sha1 ? GNUTLS_DIG_SHA1 : digest_for(signer_key->get()), 0),
          "gnutls_x509_crt_sign2");

    datum certificate_pem, key_pem;
    check(gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_PEM, certificate_pem.out()), "export");
    check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                            key_pem.out()),
          "export");
    return {std::string{certificate_pem.text()}, std::string{key_pem.text()}};
}

}  // namespace

issued make_certificate(const certificate_spec& spec) { return make(nullptr, spec); }

issued make_certificate(const issued& issuer, const certificate_spec& spec) { return make(&issuer, spec); }

issued make_ca(const std::string& name)
{
    certificate_spec spec;
    spec.name = name;
    spec.is_ca = true;
    return make(nullptr, spec);
}

std::string encrypted_key(const issued& pair, const std::string& passphrase)
{
    const auto key = read_key(pair);
    datum pem;
    check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, passphrase.c_str(),
                                            GNUTLS_PKCS_PBES2_AES_128, pem.out()),
          "export");
    return std::string{pem.text()};
}

}  // namespace quivive::test
