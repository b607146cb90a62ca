#include "tls/certificate_files.hpp"

#include "tls/pem.hpp"
#include "tls/weak_certificates.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace quivive::tls {

namespace {

std::string date(std::time_t time)
{
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::from_time_t(time));
    const std::chrono::year_month_day calendar{day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(calendar.year()),
                  static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()));
    return text.data();
}

std::string name_of(const pem_text& source, bool is_leaf)
{
    return source.place + (is_leaf ? ": the certificate" : ": an issuer's certificate");
}

void check_dates(const pem_text& source, const std::vector<x509_certificate>& chain, problem_list& problems)
{
    constexpr std::time_t unreadable = -1;
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    for (const auto& link : chain) {
        const auto place = name_of(source, link == chain.front());
        const auto from = gnutls_x509_crt_get_activation_time(link.get());
        const auto until = gnutls_x509_crt_get_expiration_time(link.get());
        if (from == unreadable || until == unreadable)
            problems.push_back(place + " does not say when it is valid");
        else if (now < from)
            problems.push_back(place + " is not valid before " + date(from) + "; is the clock right?");
        else if (now > until)
            problems.push_back(place + " expired on " + date(until) + "; renew it");
    }
}

using key_id = std::array<unsigned char, 32>;

// Returns true when the key belongs to the certificate: both have the SHA-256 of the public key as their id.
bool belong_together(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key)
{
    key_id of_leaf{}, of_key{};
    std::size_t size = of_leaf.size();
    check(gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, of_leaf.data(), &size),
          "gnutls_x509_crt_get_key_id");
    size = of_key.size();
    check(gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key.data(), &size),
          "gnutls_x509_privkey_get_key_id");
    return of_leaf == of_key;
}

/// Warns about the certificates that GnuTLS has accepted.
void warn_of_all(const datum& trusted, const std::string& file, std::vector<std::string>& warnings)
{
    gnutls_x509_crt_t* list = nullptr;
    unsigned count = 0;
    check(gnutls_x509_crt_list_import2(&list, &count, &trusted.get(), GNUTLS_X509_FMT_PEM, 0),
          "gnutls_x509_crt_list_import2");
    std::vector<x509_certificate> all(list, list + count);
    gnutls_free(list);
    for (std::size_t i = 0; i < all.size(); ++i)
        warn_of_weakness(all[i].get(), file + ": certificate " + std::to_string(i + 1), warnings);
}

}  // namespace

std::optional<key_pair> load_certificate(const certificate& source, problem_list& problems)
{
    const auto before = problems.size();
    const auto chain_source = read_pem(file_use::certificates, source.chain_file, source.chain_pem, problems);
    const auto key_source = read_pem(file_use::private_key, source.key_file, source.key_pem, problems);
    key_pair pair;
    if (chain_source) {
        pair.chain = parse_chain(*chain_source, problems);
        check_dates(*chain_source, pair.chain, problems);
    }
    if (key_source) pair.key = parse_key(*key_source, problems);
    if (!pair.chain.empty() && pair.key && !belong_together(pair.chain.front().get(), pair.key.get())) {
        problems.push_back(key_source->place + ": is not the key of the certificate in " +
                           chain_source->place + "; give the key of that certificate");
    }
    if (problems.size() > before) return {};
    for (const auto& link : pair.chain)
        warn_of_weakness(link.get(), name_of(*chain_source, link == pair.chain.front()), pair.warnings);
    return pair;
}

void load_trust(gnutls_certificate_credentials_t credentials, const std::string& file, problem_list& problems,
                std::vector<std::string>& warnings)
{
    const auto content = read_file(file, file_use::certificates, problems);
    if (!content) return;
    // GnuTLS would skip the CRL, and a client with a revoked certificate would be admitted.
    if (content->text().find("-----BEGIN X509 CRL-----") != std::string_view::npos) {
        problems.push_back(file +
                           ": has a list of revoked certificates (-----BEGIN X509 CRL-----), which would be "
                           "ignored; leave only certificates in the file");
        return;
    }
    const int count =
        gnutls_certificate_set_x509_trust_mem(credentials, &content->get(), GNUTLS_X509_FMT_PEM);
    if (count > 0) return warn_of_all(*content, file, warnings);
    const std::string why = count < 0 && count != GNUTLS_E_NO_CERTIFICATE_FOUND ? gnutls_strerror(count) : "";
    problems.push_back(file + ": holds no PEM certificate to trust (-----BEGIN CERTIFICATE-----)" +
                       (why.empty() ? why : ": " + why));
}

void show(gnutls_certificate_credentials_t credentials, const key_pair& pair)
{
    std::vector<gnutls_x509_crt_t> chain;
    for (const auto& link : pair.chain) chain.push_back(link.get());
    check(gnutls_certificate_set_x509_key(credentials, chain.data(), static_cast<int>(chain.size()),
                                          pair.key.get()),
          "gnutls_certificate_set_x509_key");
}

}  // namespace quivive::tls
