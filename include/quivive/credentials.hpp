#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quivive {

/// A certificate chain and its private key, in PEM. The key's text is wiped on destruction. Prefer P-256
/// keys: an RSA-2048 handshake costs ten times as much.
struct certificate {
    std::string chain_file;  ///< leaf first; empty if `chain_pem` holds the text
    std::string key_file;   ///< must belong to the user or root, mode 0600; a file of root may be readable by
                            ///< its group
    std::string chain_pem;  ///< text of the chain, leaf first
    std::string key_pem;    ///< text of the private key

    /// Wipes the text of the key.
    ~certificate();
};

/// A pre-shared key or other secret bytes. Wiped on destruction.
class secret {
public:
    /// Creates an empty secret.
    secret() = default;
    /// Takes `bytes`.
    explicit secret(std::vector<std::byte> bytes) noexcept : bytes_{std::move(bytes)} {}
    /// Copies the bytes.
    secret(const secret&) = default;
    /// Moves the bytes.
    secret(secret&&) noexcept = default;
    /// Replaces the bytes; the previous ones are wiped.
    secret& operator=(secret other) noexcept  // its destructor wipes the previous bytes
    {
        bytes_.swap(other.bytes_);
        return *this;
    }
    /// Wipes the bytes.
    ~secret();

    /// Returns the bytes.
    [[nodiscard]] const std::vector<std::byte>& bytes() const noexcept { return bytes_; }

    /// Reads pairs of hex digits. Empty when `hex` is malformed or has no digit.
    [[nodiscard]] static std::optional<secret> from_hex(std::string_view hex);

private:
    std::vector<std::byte> bytes_;
};

/// A function that returns the key of an identity (up to 128 bytes, never with a NUL). An empty optional
/// means an unknown identity. The peer then fails exactly as with a wrong key, so that identities cannot be
/// enumerated. Called on the server's threads, on several at once, inside a handshake. It must be
/// thread-safe, and must not block unless there are `server_config::handshake_threads`. An exception counts
/// as an unknown identity.
using psk_lookup = std::function<std::optional<secret>(std::string_view identity)>;

/// Authentication of clients by certificate.
enum class client_certificates : unsigned char {
    ignore,   ///< not requested
    request,  ///< requested; verified when sent
    require,  ///< the handshake fails without a valid certificate
};

/// Choice between certificate and PSK for a server that has both, when the client has cipher suites for both.
/// Forward secrecy has priority within either.
enum class credential_preference : unsigned char {
    client,       ///< the client's first suite that the server supports
    certificate,  ///< the certificate; a PSK only for clients that offer nothing else
    psk,          ///< a PSK; a client that offers PSK suites but has no key cannot connect then
};

/// Credentials of a server, and its authentication of clients. At least one of certificate and PSK is needed.
struct server_credentials {
    std::optional<quivive::certificate> certificate;  ///< certificate chain and key of the server

    /// Creates a temporary self-signed P-256 certificate in memory when neither certificate nor PSK is given.
    bool self_signed_if_none = false;

    /// File with lines of `identity:hexkey`, keys of 16 bytes or more; `#` begins a comment line. It must
    /// belong to the user that runs the process, or to root. Its mode must be 0600 or 0400, or 0440 when root
    /// owns it.
    std::string psk_file;
    psk_lookup psk;  ///< called for identities that the file does not contain

    /// Choice between certificate and PSK. No effect if `server_config::priority` is set: its own order
    /// decides.
    credential_preference prefer = credential_preference::client;

    client_certificates client_auth =
        client_certificates::ignore;  ///< authentication of clients by certificate
    std::string client_ca_file;  ///< trusted roots for clients, PEM; needed unless `client_auth` is `ignore`

    /// Session tickets (RFC 5077). A returning client saves the signature and a round trip. A ticket's facts
    /// are checked as in a new handshake: the chain of a client's certificate, the PSK's identity, the cipher
    /// suite, `client_auth`. If any check fails, the handshake is a full one
    /// (`metrics::resumptions_refused`). No ticket is issued for a session without an extended master secret
    /// (RFC 7627). While `psk` is set, none is issued for a session with a PSK, because its keys may change
    /// at any time.
    bool tickets = true;
    /// Lifetime of a ticket after the full handshake, by the system's clock, in whole seconds. 1 s..24 h (RFC
    /// 5246 F.1.4). A resumption does not extend it.
    std::chrono::milliseconds ticket_lifetime{std::chrono::hours{6}};

    /// Allows PSKs together with `client_certificates::require`: a client with a key then needs no
    /// certificate.
    bool client_auth_with_psk = false;
};

/// Verification of the server by a client, and the client's own credentials. Exactly one way to verify is
/// needed, unless a PSK is given.
struct client_credentials {
    std::string ca_file;  ///< trusted roots, PEM; the expected name is `server_name`

    /// Name for SNI and for the check of the certificate. Empty: the certificate's name is not checked.
    std::string server_name;
    std::string pin;        ///< `"sha256:<base64>"` of the server's public key, as `server::pin()` returns it
    bool insecure = false;  ///< accepts any certificate: for tests only

    std::optional<quivive::certificate> certificate;  ///< client certificate for servers that request one

    std::string psk_identity;  ///< identity of `psk_key`
    secret psk_key;            ///< pre-shared key, or empty
};

}  // namespace quivive
