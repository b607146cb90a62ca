#pragma once

#include "quivive/credentials.hpp"
#include "quivive/keying.hpp"
#include "wire/client_hello.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quivive::tls {

struct context_options {
    bool dtls_1_0 = false;  ///< offer DTLS 1.0 too (RFC 9325 3.1.2: MUST NOT, so only on explicit request)
    std::string priority;   ///< a GnuTLS priority string that replaces quivive's; empty: quivive's
    std::vector<std::string> alpn;  ///< protocols in order of preference; empty: no ALPN
    keying_options keying{};  ///< keying material that each handshake derives in addition to its record keys
    /// Some sessions will have connection ids (RFC 9146), so the priorities must contain only ciphers of
    /// quivive's own record layer.
    bool connection_ids = false;
    /// Server only: refuses a client that offers none of the protocols in `alpn` (RFC 7301 3.2).
    bool alpn_required = true;
    /// Server only: refuses a client without an extended master secret (RFC 7627).
    bool extended_master_secret_required = false;
    /// Server only: refuses a client that does not signal secure renegotiation (RFC 5746).
    bool secure_renegotiation_required = false;
};

/// State that all handshakes of one server, or one client, share: credentials, priorities, ticket key.
/// Immutable and safe to use from several threads at once. Sessions hold it by `shared_ptr`, since GnuTLS
/// keeps raw pointers into it.
class context {
public:
    virtual ~context();

    /// Returns `sha256:<base64>` of the certificate's public key; empty without a certificate.
    [[nodiscard]] const std::string& pin() const noexcept { return pin_; }
    /// Returns the body of the Certificate message for the chain (RFC 5246 7.4.2); empty without one.
    [[nodiscard]] wire::bytes certificate_message() const noexcept { return certificate_message_; }
    /// Returns one sentence for each warning: that the key of a server's certificate is expensive to use, or
    /// which clients it excludes.
    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

    /// Returns true when some handshake may negotiate this version.
    [[nodiscard]] bool supports(std::uint16_t version) const noexcept;
    /// Returns true when a handshake on this hello can negotiate a version. A hello that offers DTLS 1.3 is
    /// checked by its supported_versions (RFC 9147 5.3), any other by its client_version (RFC 6347 4.2.1).
    /// GnuTLS 3.7 checks only the latter.
    [[nodiscard]] bool has_common_version(const wire::client_hello_view& hello) const noexcept;

    /// Server only: returns true when a ticket may contain a client's chain.
    [[nodiscard]] virtual bool has_chains_in_tickets() const noexcept { return false; }

    /// Server only: returns a lower bound of the size in bytes of the response to this hello. Costs no
    /// cryptography.
    [[nodiscard]] virtual std::size_t min_response_size(const wire::client_hello_view& hello) const noexcept;

protected:
    std::string pin_;
    std::vector<std::byte> certificate_message_;
    std::vector<std::string> warnings_;
    std::vector<std::uint16_t> versions_;
};

/// Creates the context of a server. Throws `config_error` with every problem found:
/// - unreadable files;
/// - a key of another certificate;
/// - an expired or not yet valid certificate;
/// - malformed PSK lines, with their line number;
/// - a bad priority string.
///
/// `before` is the context that this one replaces, or null. If both need a throw-away certificate, they share
/// it.
[[nodiscard]] std::shared_ptr<const context> make_server_context(const server_credentials& credentials,
                                                                 const context_options& options,
                                                                 const context* before = nullptr);
[[nodiscard]] std::shared_ptr<const context> make_client_context(const client_credentials& credentials,
                                                                 const context_options& options);

}  // namespace quivive::tls
