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
    bool dtls_1_0 = false;          ///< offer DTLS 1.0 too (RFC 9325 3.1.2: MUST NOT, so only when asked for)
    std::string priority;           ///< a GnuTLS priority string instead of ours; empty: ours
    std::vector<std::string> alpn;  ///< protocols, most wanted first; empty: no ALPN
    keying_options keying{};        ///< what each handshake makes beside its records' keys
    /// Some sessions will have ids (RFC 9146), so every cipher must be one of our own record layer.
    bool connection_ids = false;
    /// A server's: refuses a client none of whose ALPN protocols is among `alpn` (RFC 7301 3.2).
    bool alpn_required = true;
    /// A server's: refuses a client without an extended master secret (RFC 7627).
    bool extended_master_secret_required = false;
    /// A server's: refuses a client that does not say that it has secure renegotiation (RFC 5746).
    bool secure_renegotiation_required = false;
};

/// What all handshakes of one server, or one client, share: credentials, priorities, ticket key. Immutable
/// and safe to use from several threads at once; sessions hold it by shared_ptr, since GnuTLS keeps raw
/// pointers into it.
class context {
public:
    virtual ~context();

    /// "sha256:<base64>" of the certificate's public key; empty without a certificate.
    [[nodiscard]] const std::string& pin() const noexcept { return pin_; }
    /// The body of the Certificate message that shows the chain (RFC 5246 7.4.2); empty without one.
    [[nodiscard]] wire::bytes certificate_message() const noexcept { return certificate_message_; }
    /// One sentence each: that the key of a server's certificate costs much, or which clients it shuts out.
    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

    /// Whether some handshake may come to this version.
    [[nodiscard]] bool speaks(std::uint16_t version) const noexcept;
    /// Whether a handshake on this hello can come to any version. One that offers DTLS 1.3 counts by its
    /// supported_versions (RFC 9147 5.3), each other one by its client_version (RFC 6347 4.2.1); GnuTLS 3.7
    /// looks at the latter alone.
    [[nodiscard]] bool has_common_version(const wire::client_hello_view& hello) const noexcept;

    /// A server's: whether a ticket of it may have a client's chain in it.
    [[nodiscard]] virtual bool has_chains_in_tickets() const noexcept { return false; }

    /// A server's: bytes that its answer to this hello certainly has, if not more. Costs no cryptography.
    [[nodiscard]] virtual std::size_t least_answer(const wire::client_hello_view& hello) const noexcept;

protected:
    std::string pin_;
    std::vector<std::byte> certificate_message_;
    std::vector<std::string> warnings_;
    std::vector<std::uint16_t> versions_;
};

/// Throws `config_error` with every problem found: unreadable files, a key that is not the certificate's, an
/// expired or not yet valid certificate, malformed PSK lines (with their line number), a bad priority string.
/// `before`: a server's that this one follows; if both need a throw-away certificate, it is the same.
[[nodiscard]] std::shared_ptr<const context> make_server_context(const server_credentials& credentials,
                                                                 const context_options& options,
                                                                 const context* before = nullptr);
[[nodiscard]] std::shared_ptr<const context> make_client_context(const client_credentials& credentials,
                                                                 const context_options& options);

}  // namespace quivive::tls
