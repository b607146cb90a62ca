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

/// A certificate chain and its private key, PEM; the key's text is wiped when this is destroyed. Prefer P-256
/// keys: an RSA-2048 handshake costs ten times as much.
struct certificate {
    std::string chain_file;  ///< leaf first; or empty, and `chain_pem` holds the text
    std::string key_file;    ///< the user's or root's, mode 0600; root's may be readable by its group
    std::string chain_pem;
    std::string key_pem;

    ~certificate();
};

/// A pre-shared key. Wiped when destroyed.
class secret {
public:
    secret() = default;
    explicit secret(std::vector<std::byte> bytes) noexcept : bytes_{std::move(bytes)} {}
    secret(const secret&) = default;
    secret(secret&&) noexcept = default;
    secret& operator=(secret other) noexcept  // whose destructor wipes what was held
    {
        bytes_.swap(other.bytes_);
        return *this;
    }
    ~secret();

    [[nodiscard]] const std::vector<std::byte>& bytes() const noexcept { return bytes_; }

    /// Reads pairs of hex digits. Empty when `hex` is not that, or has no digit.
    [[nodiscard]] static std::optional<secret> from_hex(std::string_view hex);

private:
    std::vector<std::byte> bytes_;
};

/// Finds the key of an identity (up to 128 bytes, never with a NUL). An empty optional: unknown; the peer
/// then fails exactly as with a wrong key, so that nobody can list identities. Called on the server's
/// threads, several at once, inside a handshake: it must be thread-safe, and must not block unless there are
/// `server_config::handshake_threads`. What it throws counts as unknown.
using psk_lookup = std::function<std::optional<secret>(std::string_view identity)>;

enum class client_certificates : unsigned char {
    ignore,   ///< not asked for
    request,  ///< asked for, verified when sent
    require,  ///< without a valid one the handshake fails
};

/// Decides whether a certificate or a PSK proves a server that has both, for a client that has cipher suites
/// for both. Forward secrecy comes first within either.
enum class credential_preference : unsigned char {
    client,       ///< the suite that the client names first, of those that can be served
    certificate,  ///< the certificate; a PSK for clients that name nothing else
    psk,          ///< a PSK; a client that names its suites and has no key cannot connect then
};

/// What a server proves itself with, and how it knows its clients. At least one of certificate, PSK.
struct server_credentials {
    std::optional<quivive::certificate> certificate;

    /// When neither certificate nor PSK is given: a throw-away self-signed P-256 certificate in memory.
    bool self_signed_if_none = false;

    /// Lines of `identity:hexkey`, of 16 bytes or more; `#` begins a comment line. It belongs to the user
    /// that runs this, or to root, and has mode 0600 or 0400, or 0440 when root owns it.
    std::string psk_file;
    psk_lookup psk;  ///< asked for identities that the file does not have

    /// Without effect beside `server_config::priority`, whose own order decides.
    credential_preference prefer = credential_preference::client;

    client_certificates client_auth = client_certificates::ignore;
    std::string client_ca_file;  ///< PEM; needed unless `client_auth` is `ignore`

    /// Session tickets (RFC 5077): a client that comes back saves the signature and a round trip. What a
    /// ticket restores is judged as if it were proven now: the chain of a client's certificate, the PSK's
    /// identity, the cipher suite, `client_auth`. If anything does not fit, the handshake is a full one
    /// (`metrics::resumptions_refused`). There is none for a session without an extended master secret (RFC
    /// 7627), and none by a PSK while there is a look-up, whose keys may change at any time.
    bool tickets = true;
    /// How long after the handshake that proved all a ticket of it is good, by the system's clock, in whole
    /// seconds. 1 s..24 h (RFC 5246 F.1.4). A resumption does not prolong it.
    std::chrono::milliseconds ticket_lifetime{std::chrono::hours{6}};

    /// Allows PSKs beside `client_certificates::require`: a client with a key then needs no certificate.
    bool client_auth_with_psk = false;
};

/// How a client knows its server, and proves itself. Exactly one way to verify, unless a PSK is given.
struct client_credentials {
    std::string ca_file;  ///< PEM of trusted roots; the name is `server_name`
    std::string
        server_name;  ///< for SNI and the certificate's name; empty: the certificate's name is not checked
    std::string pin;  ///< "sha256:<base64>" of the server's public key (as `server::pin()` gives it)
    bool insecure = false;  ///< take any certificate: for trials only

    std::optional<quivive::certificate> certificate;  ///< for servers that ask

    std::string psk_identity;
    secret psk_key;
};

}  // namespace quivive
