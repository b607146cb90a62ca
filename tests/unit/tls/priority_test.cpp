#include "tls/priority.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace quivive::tls;

namespace {

constexpr credential_kinds certificate_only{.certificate = true, .psk = false};
constexpr credential_kinds psk_only{.certificate = false, .psk = true};
constexpr credential_kinds both{.certificate = true, .psk = true};

context_options custom(std::string priority)
{
    return {.dtls_1_0 = false, .priority = std::move(priority), .alpn = {}};
}

priority_handle made_for(credential_kinds have, bool dtls_1_0 = false,
                         suite_order order = suite_order::forward_secrecy)
{
    problem_list problems;
    auto made = make_priority({.dtls_1_0 = dtls_1_0, .priority = {}, .alpn = {}}, have, order, problems);
    CAPTURE(problems);
    REQUIRE(made);
    return made;
}

std::vector<std::string> suites(const priority_handle& priority)
{
    std::vector<std::string> names;
    for (unsigned i = 0;; ++i) {
        unsigned index = 0;
        const int code = gnutls_priority_get_cipher_suite_index(priority.get(), i, &index);
        if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return names;
        if (code >= 0)
            names.emplace_back(gnutls_cipher_suite_info(index, nullptr, nullptr, nullptr, nullptr, nullptr));
    }
}

std::vector<unsigned> list(const priority_handle& priority,
                           int (*function)(gnutls_priority_t, const unsigned**))
{
    const unsigned* first = nullptr;
    const int count = check(function(priority.get(), &first), "a list of priorities");
    return {first, first + count};
}

problem_list problems_of(const std::string& priority, credential_kinds have)
{
    problem_list problems;
    const bool made = make_priority(custom(priority), have, suite_order::psk, problems) != nullptr;
    CHECK(made == problems.empty());
    return problems;
}

}  // namespace

TEST_CASE("RFC 9325 3.1.2: only DTLS 1.2 is offered unless DTLS 1.0 is enabled")
{
    CHECK(list(made_for(both), gnutls_priority_protocol_list) == std::vector<unsigned>{GNUTLS_DTLS1_2});
    CHECK(list(made_for(both, true), gnutls_priority_protocol_list) ==
          std::vector<unsigned>{GNUTLS_DTLS1_2, GNUTLS_DTLS1_0});
}

TEST_CASE("Only AEAD is offered: no CBC, no SHA-1")
{
    CHECK(list(made_for(both), gnutls_priority_mac_list) == std::vector<unsigned>{GNUTLS_MAC_AEAD});
    for (const auto& name : suites(made_for(both))) {
        CAPTURE(name);
        CHECK((name.find("GCM") != std::string::npos || name.find("CCM") != std::string::npos ||
               name.find("POLY1305") != std::string::npos));
    }
}

TEST_CASE("The key exchanges match the credentials, with forward secrecy first and never static RSA")
{
    const auto key_exchanges = [](credential_kinds have, suite_order order = suite_order::forward_secrecy) {
        return list(made_for(have, false, order), gnutls_priority_kx_list);
    };
    using expected = std::vector<unsigned>;
    CHECK(key_exchanges(certificate_only) == expected{GNUTLS_KX_ECDHE_ECDSA, GNUTLS_KX_ECDHE_RSA});
    CHECK(key_exchanges(psk_only) == expected{GNUTLS_KX_ECDHE_PSK, GNUTLS_KX_PSK});
    CHECK(key_exchanges(both) ==
          expected{GNUTLS_KX_ECDHE_PSK, GNUTLS_KX_ECDHE_ECDSA, GNUTLS_KX_ECDHE_RSA, GNUTLS_KX_PSK});
    CHECK(key_exchanges(both, suite_order::certificate) ==
          expected{GNUTLS_KX_ECDHE_ECDSA, GNUTLS_KX_ECDHE_RSA, GNUTLS_KX_ECDHE_PSK, GNUTLS_KX_PSK});
    CHECK(key_exchanges(both, suite_order::psk) ==
          expected{GNUTLS_KX_ECDHE_PSK, GNUTLS_KX_PSK, GNUTLS_KX_ECDHE_ECDSA, GNUTLS_KX_ECDHE_RSA});
}

TEST_CASE("The suites of certificates are in the preferred order")
{
    const auto names = suites(made_for(certificate_only));
    REQUIRE(names.size() == 10);
    CHECK(std::vector<std::string>{names.begin(), names.begin() + 4} ==
          std::vector<std::string>{"TLS_ECDHE_ECDSA_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_CHACHA20_POLY1305",
                                   "TLS_ECDHE_ECDSA_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_AES_128_CCM"});
}

TEST_CASE("RFC 7925 4.2 and 4.4: the mandatory suites for small devices are offered")
{
    const auto names = suites(made_for(both));
    const auto has = [&](const char* name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    CHECK(has("TLS_PSK_AES_128_CCM_8"));
    CHECK(has("TLS_ECDHE_ECDSA_AES_128_CCM_8"));
}

TEST_CASE("The groups are X25519, P-256 and P-384 in this order")
{
    CHECK(list(made_for(both), gnutls_priority_group_list) ==
          std::vector<unsigned>{GNUTLS_GROUP_X25519, GNUTLS_GROUP_SECP256R1, GNUTLS_GROUP_SECP384R1});
}

TEST_CASE("Signatures with SHA-1 are not accepted")
{
    for (const auto algorithm : list(made_for(both, true), gnutls_priority_sign_list)) {
        const auto hash = gnutls_sign_get_hash_algorithm(static_cast<gnutls_sign_algorithm_t>(algorithm));
        CHECK(hash != GNUTLS_DIG_SHA1);
        CHECK(hash != GNUTLS_DIG_MD5);
    }
}

TEST_CASE("DTLS 1.0 adds the CBC suites that it needs after the others")
{
    const auto names = suites(made_for(certificate_only, true));
    CHECK(names.front() == "TLS_ECDHE_ECDSA_AES_128_GCM_SHA256");
    CHECK(std::find(names.begin(), names.end(), "TLS_ECDHE_ECDSA_AES_128_CBC_SHA1") != names.end());
    CHECK(std::find(names.begin(), names.end(), "TLS_ECDHE_RSA_AES_256_CBC_SHA1") != names.end());
}

TEST_CASE("A custom priority string is used unchanged")
{
    problem_list problems;
    const auto made = make_priority(custom("NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-RSA"),
                                    certificate_only, suite_order::certificate, problems);
    REQUIRE(made);
    CHECK(list(made, gnutls_priority_kx_list) == std::vector<unsigned>{GNUTLS_KX_ECDHE_RSA});
}

TEST_CASE("A priority string that GnuTLS refuses is reported with the position of the error")
{
    const auto problems = problems_of("NORMAL:+NOT-A-CIPHER:-VERS-ALL", certificate_only);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find(
              "priority \"NORMAL:+NOT-A-CIPHER:-VERS-ALL\": GnuTLS refuses it at position 7, ") == 0);
}

TEST_CASE("A priority string with which every handshake would fail is refused")
{
    CHECK(problems_of("NORMAL:-VERS-ALL:+VERS-TLS1.3", certificate_only) ==
          problem_list{"priority \"NORMAL:-VERS-ALL:+VERS-TLS1.3\": has no DTLS; add +VERS-DTLS1.2"});
    CHECK(problems_of("NORMAL", psk_only) ==
          problem_list{"priority \"NORMAL\": has no key exchange for the credentials; add +ECDHE-PSK:+PSK"});
    CHECK(problems_of("NORMAL:-KX-ALL:+PSK", certificate_only) ==
          problem_list{"priority \"NORMAL:-KX-ALL:+PSK\": has no key exchange for the credentials; "
                       "add +ECDHE-ECDSA:+ECDHE-RSA"});
    CHECK(problems_of("NORMAL:+PSK", both).empty());
}
