#include "tls/certificate_fault.hpp"

#include <gnutls/gnutls.h>

#include <array>
#include <string>
#include <utility>

namespace quivive::tls {

namespace {

const char* cause_of(certificate_fault fault) noexcept
{
    switch (fault) {
        case certificate_fault::unreadable:
            return "it cannot be read";
        case certificate_fault::bad_signature:
            return "a signature of its chain does not verify";
        case certificate_fault::unknown_authority:
            return "no trusted authority has signed it";
        case certificate_fault::revoked:
            return "it is revoked";
        case certificate_fault::expired:
            return "it, or its issuer's, has expired";
        case certificate_fault::not_valid_yet:
            return "it, or its issuer's, is not valid yet";
        case certificate_fault::wrong_use:
            return "it is not for this use";
        case certificate_fault::weak:
            return "a key or an algorithm of its chain is weak";
        case certificate_fault::wrong_name:
            return "it is for another name";
        case certificate_fault::not_allowed:
            return "its issuer is not allowed to sign it";
        case certificate_fault::not_pinned:
            return "its key does not match the pin";
        case certificate_fault::too_large:
            return "its chain has more names, or a larger key, than the limits allow";
        case certificate_fault::missing:
            return "it sent none";
    }
    return "for a reason without a name";
}

// Boost's base has a protected destructor without `virtual`, so GCC warns here. No code deletes a category.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class fault_category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "quivive.certificate"; }
    [[nodiscard]] std::string message(int fault) const override
    {
        return std::string{"the peer's certificate was rejected: "} +
               cause_of(static_cast<certificate_fault>(fault));
    }
};
#pragma GCC diagnostic pop

/// The first flag present decides: in a chain without a trusted root, the other flags matter little.
constexpr std::array<std::pair<unsigned, certificate_fault>, 12> by_weight{{
    {GNUTLS_CERT_SIGNATURE_FAILURE, certificate_fault::bad_signature},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, certificate_fault::unknown_authority},
    {GNUTLS_CERT_SIGNER_NOT_CA, certificate_fault::unknown_authority},
    {GNUTLS_CERT_REVOKED, certificate_fault::revoked},
    {GNUTLS_CERT_EXPIRED, certificate_fault::expired},
    {GNUTLS_CERT_NOT_ACTIVATED, certificate_fault::not_valid_yet},
    {GNUTLS_CERT_PURPOSE_MISMATCH, certificate_fault::wrong_use},
    {GNUTLS_CERT_INSECURE_ALGORITHM, certificate_fault::weak},
    {GNUTLS_CERT_UNEXPECTED_OWNER, certificate_fault::wrong_name},
    {GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, certificate_fault::not_allowed},
    {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, certificate_fault::unreadable},
    {~0U, certificate_fault::not_allowed},
}};

}  // namespace

const boost::system::error_category& certificate_category() noexcept
{
    static const fault_category category;
    return category;
}

std::optional<certificate_fault> fault_of_status(unsigned status) noexcept
{
    for (const auto& [flag, fault] : by_weight)
        if ((status & flag) != 0) return fault;
    return std::nullopt;
}

int alert_of(certificate_fault fault) noexcept
{
    switch (fault) {
        case certificate_fault::unknown_authority:
            return GNUTLS_A_UNKNOWN_CA;
        case certificate_fault::revoked:
            return GNUTLS_A_CERTIFICATE_REVOKED;
        case certificate_fault::expired:
        case certificate_fault::not_valid_yet:
            return GNUTLS_A_CERTIFICATE_EXPIRED;  // "or is not currently valid"
        case certificate_fault::wrong_use:
            return GNUTLS_A_UNSUPPORTED_CERTIFICATE;
        case certificate_fault::not_pinned:
            return GNUTLS_A_CERTIFICATE_UNKNOWN;
        case certificate_fault::missing:
            return GNUTLS_A_HANDSHAKE_FAILURE;  // RFC 5246 7.4.6
        case certificate_fault::unreadable:
        case certificate_fault::bad_signature:
        case certificate_fault::weak:  // as in RFC 8446 4.4.2.4 for MD5 and SHA-1
        case certificate_fault::wrong_name:
        case certificate_fault::not_allowed:
        case certificate_fault::too_large:
            break;
    }
    return GNUTLS_A_BAD_CERTIFICATE;
}

std::optional<certificate_fault> fault_of_code(int code) noexcept
{
    constexpr int first = as_gnutls_code(certificate_fault::unreadable);
    constexpr int last = as_gnutls_code(certificate_fault::missing);
    if (last <= code && code <= first)
        return static_cast<certificate_fault>(first - code + static_cast<int>(certificate_fault::unreadable));
    switch (code) {
        case GNUTLS_E_NO_CERTIFICATE_FOUND:
            return certificate_fault::missing;
        case GNUTLS_E_CERTIFICATE_ERROR:
        case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
            return certificate_fault::unreadable;
        case GNUTLS_E_KEY_USAGE_VIOLATION:
        case GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE:
            return certificate_fault::wrong_use;
        default:
            return std::nullopt;
    }
}

}  // namespace quivive::tls
