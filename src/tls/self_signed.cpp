#include "tls/self_signed.hpp"

#include <gnutls/crypto.h>

#include <array>
#include <chrono>

namespace quivive::tls {

namespace {

constexpr std::string_view name = "localhost";
constexpr std::array<unsigned char, 4> loopback_v4{127, 0, 0, 1};
constexpr std::array<unsigned char, 16> loopback_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

x509_private_key make_key()
{
    auto key = make_handle<x509_private_key>("gnutls_x509_privkey_init", gnutls_x509_privkey_init);
    check(gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
          "gnutls_x509_privkey_generate");
    return key;
}

// RFC 5280 4.1.2.2: positive and at most 20 bytes. Random, so that no two certificates with the same name
// have the same serial.
void set_serial(gnutls_x509_crt_t certificate)
{
    std::array<unsigned char, 16> serial{};
    check(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size()), "gnutls_rnd");
    serial.front() = static_cast<unsigned char>((serial.front() & 0x3f) | 0x40);
    check(gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()),
          "gnutls_x509_crt_set_serial");
}

// The common name is for human readers. RFC 6125 6.4.4: clients check the alternative names.
void set_names(gnutls_x509_crt_t certificate)
{
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                        static_cast<unsigned>(name.size())),
          "gnutls_x509_crt_set_dn_by_oid");
    const auto add = [certificate](gnutls_x509_subject_alt_name_t type, const auto& value) {
        check(gnutls_x509_crt_set_subject_alt_name(certificate, type, value.data(),
                                                   static_cast<unsigned>(value.size()), GNUTLS_FSAN_APPEND),
              "gnutls_x509_crt_set_subject_alt_name");
    };
    add(GNUTLS_SAN_DNSNAME, name);
    add(GNUTLS_SAN_IPADDRESS, loopback_v4);
    add(GNUTLS_SAN_IPADDRESS, loopback_v6);
}

void set_validity(gnutls_x509_crt_t certificate)
{
    using std::chrono::system_clock;
    const auto now = system_clock::now();
    check(gnutls_x509_crt_set_activation_time(certificate,
                                              system_clock::to_time_t(now - std::chrono::hours{1})),
          "gnutls_x509_crt_set_activation_time");
    check(gnutls_x509_crt_set_expiration_time(certificate,
                                              system_clock::to_time_t(now + std::chrono::days{30})),
          "gnutls_x509_crt_set_expiration_time");
}

// An end entity that signs handshakes for a server, and no certificates.
void set_usage(gnutls_x509_crt_t certificate)
{
    check(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1), "gnutls_x509_crt_set_basic_constraints");
    check(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE),
          "gnutls_x509_crt_set_key_usage");
    check(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0),
          "gnutls_x509_crt_set_key_purpose_oid");
}

}  // namespace

key_pair make_self_signed()
{
    key_pair pair;
    pair.key = make_key();
    auto certificate = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    check(gnutls_x509_crt_set_version(certificate.get(), 3), "gnutls_x509_crt_set_version");
    set_serial(certificate.get());
    set_names(certificate.get());
    set_validity(certificate.get());
    set_usage(certificate.get());
    check(gnutls_x509_crt_set_key(certificate.get(), pair.key.get()), "gnutls_x509_crt_set_key");
    check(gnutls_x509_crt_sign2(certificate.get(), certificate.get(), pair.key.get(), GNUTLS_DIG_SHA256, 0),
          "gnutls_x509_crt_sign2");
    pair.chain.push_back(std::move(certificate));
    return pair;
}

}  // namespace quivive::tls
