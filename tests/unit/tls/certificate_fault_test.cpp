#include "tls/certificate_fault.hpp"

#include "support/catch.hpp"

#include <gnutls/gnutls.h>

#include <set>
#include <string>

using namespace quivive;
using namespace quivive::tls;

namespace {

constexpr std::array all_faults{
    certificate_fault::unreadable,  certificate_fault::bad_signature, certificate_fault::unknown_authority,
    certificate_fault::revoked,     certificate_fault::expired,       certificate_fault::not_valid_yet,
    certificate_fault::wrong_use,   certificate_fault::weak,          certificate_fault::wrong_name,
    certificate_fault::not_allowed, certificate_fault::not_pinned,    certificate_fault::too_large,
    certificate_fault::missing,
};

}  // namespace

TEST_CASE("RFC 5246 7.2.2: each fault of a certificate has its own alert")
{
    const auto alert = [](unsigned status) { return alert_of(fault_of_status(status).value()); };
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOKED) == 44);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_EXPIRED) == 45);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_NOT_ACTIVATED) == 45);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND) == 48);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_CA) == 48);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_PURPOSE_MISMATCH) == 43);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_UNEXPECTED_OWNER) == 42);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_INSECURE_ALGORITHM) == 42);
    CHECK(alert(GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNATURE_FAILURE) == 42);
    CHECK(alert(GNUTLS_CERT_INVALID) == 42);
    CHECK(alert(GNUTLS_CERT_INVALID_OCSP_STATUS) == 42);
    CHECK(alert_of(certificate_fault::not_pinned) == 46);
    CHECK(alert_of(certificate_fault::missing) == 40);
    CHECK_FALSE(fault_of_status(0));
}

TEST_CASE("The most fundamental of several certificate faults is reported")
{
    const auto fault = [](unsigned status) { return fault_of_status(status); };
    CHECK(fault(GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_EXPIRED | GNUTLS_CERT_UNEXPECTED_OWNER) ==
          certificate_fault::unknown_authority);
    CHECK(fault(GNUTLS_CERT_REVOKED | GNUTLS_CERT_EXPIRED) == certificate_fault::revoked);
    CHECK(fault(GNUTLS_CERT_EXPIRED | GNUTLS_CERT_UNEXPECTED_OWNER) == certificate_fault::expired);
}

TEST_CASE("Each certificate fault has its own fatal GnuTLS code and its own message")
{
    std::set<int> codes;
    std::set<std::string> texts;
    for (const auto fault : all_faults) {
        const int code = as_gnutls_code(fault);
        CHECK(fault_of_code(code) == fault);
        CHECK(gnutls_error_is_fatal(code) == 1);
        CHECK(codes.insert(code).second);
        CHECK(texts.insert(make_error_code(fault).message()).second);
        CHECK(make_error_code(fault).message().starts_with("the peer's certificate was rejected: "));
    }
    CHECK_FALSE(fault_of_code(as_gnutls_code(all_faults.front()) + 1));
    CHECK_FALSE(fault_of_code(as_gnutls_code(all_faults.back()) - 1));
    CHECK_FALSE(fault_of_code(GNUTLS_E_NO_CIPHER_SUITES));
    CHECK(fault_of_code(GNUTLS_E_KEY_USAGE_VIOLATION) == certificate_fault::wrong_use);
}
