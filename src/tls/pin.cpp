#include "tls/pin.hpp"

#include <gnutls/crypto.h>

#include <array>

namespace quivive::tls {

namespace {

constexpr std::string_view prefix = "sha256:";
using digest = std::array<std::byte, 32>;

digest sha256(const datum& data)
{
    digest result{};
    check(gnutls_hash_fast(GNUTLS_DIG_SHA256, data.get().data, data.get().size, result.data()),
          "gnutls_hash_fast");
    return result;
}

std::string written(wire::bytes hash)
{
    datum base64;
    const auto binary = as_datum(hash);
    check(gnutls_base64_encode2(&binary, base64.out()), "gnutls_base64_encode2");
    return std::string{prefix} + std::string{base64.text()};
}

}  // namespace

std::string pin_of(gnutls_x509_crt_t certificate)
{
    const auto key = make_handle<public_key>("gnutls_pubkey_init", gnutls_pubkey_init);
    check(gnutls_pubkey_import_x509(key.get(), certificate, 0), "gnutls_pubkey_import_x509");
    datum info;
    check(gnutls_pubkey_export2(key.get(), GNUTLS_X509_FMT_DER, info.out()), "gnutls_pubkey_export2");
    return written(sha256(info));
}

x509_certificate peer_certificate(gnutls_session_t session)
{
    unsigned count = 0;
    const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
    if (chain == nullptr || count == 0) return {};
    auto leaf = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    check(gnutls_x509_crt_import(leaf.get(), chain, GNUTLS_X509_FMT_DER), "gnutls_x509_crt_import");
    return leaf;
}

std::string pin_of_peer(gnutls_session_t session)
{
    const auto leaf = peer_certificate(session);
    return leaf ? pin_of(leaf.get()) : std::string{};
}

bool is_pin(std::string_view text)
{
    if (!text.starts_with(prefix)) return false;
    const auto base64 = as_datum(text.substr(prefix.size()));
    datum hash;
    if (gnutls_base64_decode2(&base64, hash.out()) < 0 || hash.bytes().size() != sizeof(digest)) return false;
    return written(hash.bytes()) == text;  // GnuTLS's decoder accepts more forms than quivive does
}

}  // namespace quivive::tls
