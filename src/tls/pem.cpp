#include "tls/pem.hpp"

#include <algorithm>

namespace quivive::tls {

namespace {

// Sorts the chain: the leaf stays first, and each issuer follows the certificate that it has issued. Returns
// false when a certificate is left over.
bool put_in_order(std::vector<x509_certificate>& chain) noexcept
{
    for (auto link = chain.begin(); link != chain.end() && link + 1 != chain.end(); ++link) {
        const auto issuer = std::find_if(link + 1, chain.end(), [&](const x509_certificate& other) {
            return gnutls_x509_crt_check_issuer(link->get(), other.get()) == 1;
        });
        if (issuer == chain.end()) return false;
        std::iter_swap(link + 1, issuer);
    }
    return true;
}

}  // namespace

std::optional<pem_text> read_pem(file_use use, const std::string& file, const std::string& text,
                                 problem_list& problems)
{
    const std::string setting = use == file_use::private_key ? "key" : "chain";
    if (file.empty() == text.empty()) {
        const std::string names = "certificate: " + setting + "_file and " + setting + "_pem: ";
        problems.push_back(names +
                           (file.empty() ? "neither is given; one is needed" : "both are given; give one"));
        return {};
    }
    if (file.empty()) return pem_text{"certificate: " + setting + "_pem", {}, text};
    auto content = read_file(file, use, problems);
    if (!content) return {};
    const auto view = content->text();
    return pem_text{file, std::move(*content), view};
}

std::vector<x509_certificate> parse_chain(const pem_text& source, problem_list& problems)
{
    gnutls_x509_crt_t* list = nullptr;
    unsigned count = 0;
    const auto data = as_datum(source.text);
    const int code = gnutls_x509_crt_list_import2(&list, &count, &data, GNUTLS_X509_FMT_PEM, 0);
    if (code == GNUTLS_E_NO_CERTIFICATE_FOUND || code == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR) {
        problems.push_back(source.place + ": holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
        return {};
    }
    if (code < 0) {
        problems.push_back(source.place +
                           ": holds no certificate that can be read: " + gnutls_strerror(code));
        return {};
    }
    std::vector<x509_certificate> chain;
    for (unsigned i = 0; i < count; ++i) chain.emplace_back(list[i]);
    gnutls_free(list);
    if (!put_in_order(chain))
        problems.push_back(source.place +
                           ": is not one chain; expected the leaf first, then its issuer, and so on");
    return chain;
}

x509_private_key parse_key(const pem_text& source, problem_list& problems)
{
    auto key = make_handle<x509_private_key>("gnutls_x509_privkey_init", gnutls_x509_privkey_init);
    const auto data = as_datum(source.text);
    const int code = gnutls_x509_privkey_import2(key.get(), &data, GNUTLS_X509_FMT_PEM, nullptr, 0);
    if (code >= 0) return key;
    if (source.text.find("ENCRYPTED") != std::string_view::npos) {
        problems.push_back(source.place + ": the key is encrypted; remove its passphrase (openssl pkey)");
    } else if (source.text.find("PRIVATE KEY-----") == std::string_view::npos) {
        problems.push_back(source.place + ": holds no PEM private key (-----BEGIN PRIVATE KEY-----)");
    } else {
        problems.push_back(source.place +
                           ": holds no private key that can be read: " + gnutls_strerror(code));
    }
    return {};
}

}  // namespace quivive::tls
