#pragma once

#include "quivive/connection_ids.hpp"
#include "quivive/cookie_policy.hpp"
#include "quivive/credentials.hpp"
#include "quivive/keying.hpp"
#include "quivive/limits.hpp"
#include "quivive/observer.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive {

/// Component that protects the records of a session after its handshake.
enum class record_layer : unsigned char {
    /// quivive, with the keys that GnuTLS negotiated. The GnuTLS session is freed, and with it nine of ten
    /// kilobytes. CBC suites and DTLS 1.0 stay attached.
    detached,
    attached,  ///< the GnuTLS session, which is kept
};

/// Returns the name as the configuration file spells it.
[[nodiscard]] std::string_view to_string(record_layer layer) noexcept;

/// Requirement for a protocol extension that older peers lack. `optional` serves peers without it, and
/// `required` refuses them.
enum class requirement : unsigned char { optional, required };

/// Returns the name as the configuration file spells it.
[[nodiscard]] std::string_view to_string(requirement what) noexcept;

/// Configuration of a server. Every member except `listen` and `credentials` has a working default.
struct server_config {
    /// Addresses to listen at; at least one. Port 0 takes a free port (see `server::local_endpoints`). `[::]`
    /// includes IPv4, unless an IPv4 wildcard with the same port is in the list.
    std::vector<boost::asio::ip::udp::endpoint> listen;

    server_credentials credentials;  ///< certificate, PSKs and client authentication
    cookie_policy cookies;           ///< cookie exchange with unknown peers
    quivive::limits limits;          ///< limits and time-outs

    /// Threads of a server that owns its threads, each with its own socket and table. 0: one for each core.
    /// No effect on a server on the user's executor.
    std::size_t threads = 1;

    /// Additional threads for handshakes, 0..256, also on the user's executor. With them, no signature delays
    /// a session's datagram, and `server_credentials::psk` may block. They help when handshakes with
    /// certificates are many and cores are free. Each step costs two thread switches. 0: handshakes run in
    /// the threads of their sessions. See `limits::handshake_queue`.
    std::size_t handshake_threads = 0;

    /// Allows DTLS 1.0, which MUST NOT be negotiated by RFC 9325 3.1.2. Only for peers that support nothing
    /// else.
    bool dtls_1_0 = false;

    /// Requirement for the extended master secret (RFC 7627). A session without it is served, but cannot be
    /// resumed and exports no keys to other protocols (`keying`). If required, a client without it is refused
    /// with the alert handshake_failure.
    requirement extended_master_secret = requirement::optional;
    /// Requirement for secure renegotiation (RFC 5746). The server never renegotiates, whatever the client
    /// supports. If required, a client that does not signal it is refused with the alert handshake_failure.
    requirement secure_renegotiation = requirement::optional;

    std::vector<std::string> alpn;  ///< ALPN protocols (RFC 7301), in order of preference; empty: no ALPN

    /// Refuses a client that offers ALPN protocols of which none is in `alpn`, with the alert
    /// no_application_protocol (RFC 7301 3.2). A client without ALPN is served in either case. If false,
    /// every client is served. If false, or while `alpn` is empty, `session_info::alpn` may be empty.
    bool alpn_required = true;
    keying_options keying;  ///< keys for other protocols: exporters, SRTP
    std::string priority;   ///< GnuTLS priority string; empty: quivive's own

    /// Largest UDP payload for application data, 256..65507 bytes. 1400 fits most tunnels and clouds.
    std::size_t mtu = 1'400;
    /// Largest UDP payload for flights, in bytes. It is smaller because a handshake must succeed before the
    /// path is known.
    std::size_t handshake_mtu = 1'200;

    quivive::record_layer record_layer =
        quivive::record_layer::detached;  ///< component that protects records after the handshake

    /// Settings for connection ids. Off by default. They need `record_layer::detached`.
    connection_id_policy connection_ids;

    /// Networks whose addresses are shared by several users, as behind a carrier's NAT or a load balancer.
    /// Another port may belong to another user there (see `move_policy::sustained`). Sources in these
    /// networks have no quota (`limits::max_sessions_per_source`, `limits::max_half_open_per_source`).
    std::vector<network> shared_networks;

    /// Folder for state that outlives the process. It is created when missing, for its owner alone. It holds
    /// the marks of imported blobs, a random id, and the secret that seals blobs unless `cookies.secret_file`
    /// names one. Empty: sessions can be neither exported nor imported.
    ///
    /// A blob belongs to this one folder, whatever the secret. Processes that share the folder, in turn or at
    /// the same time, import each other's blobs. Other processes do not, because they lack the marks. The
    /// folder is identified by its inode number and its time of birth. A copy, also one restored in its
    /// place, is therefore another folder, and its sessions need new handshakes. The folder may be moved
    /// within its file system.
    ///
    /// Machines that share the folder must always see the same inode number and time of birth (statx). Where
    /// a network file system reports different values, or a time of birth to only one kernel, the folders
    /// differ, and sessions need new handshakes. Two changes are not detected: older content put into the
    /// same folder, and a whole file system set back (a snapshot of a machine). Never do either: sessions
    /// could be imported a second time, and nonces be used twice.
    ///
    /// A folder removed or replaced while the server runs is created again, with its key, at the next export,
    /// import or reload. This is logged as a warning. Sessions exported before are lost with it. The week for
    /// which a blob is valid is measured by the wall clock.
    std::string state;

    /// SO_RCVBUF of each socket, as far as the system allows it (net.core.rmem_max, or CAP_NET_ADMIN). 0: the
    /// system's default. The default of quivive holds a burst of about 3 000 datagrams; the usual default of
    /// systems holds 250.
    std::size_t receive_buffer_bytes = 4'194'304;
    std::size_t send_buffer_bytes = 0;  ///< SO_SNDBUF of each socket; 0: the system's default

    trace_sink trace;  ///< receives the steps of handshakes; optional
    log_sink log;      ///< receives log lines; optional

    /// Minimum severity passed to `log`.
    quivive::log_level log_level = quivive::log_level::warning;
};

/// Returns all problems of `config`, one sentence each. Empty when it can be used. Does not open files.
[[nodiscard]] std::vector<std::string> validate(const server_config& config);

/// Opens the files that `config` names (certificate, keys, PSKs, secret) and the `state` folder if it exists,
/// as a server does. Returns their problems, one sentence each, including wrong owners and permissions.
[[nodiscard]] std::vector<std::string> validate_files(const server_config& config);

/// Returns warnings about the settings in `config`, one sentence each. A server logs them when it starts.
/// Does not open files. The warnings cover:
/// - `trust_all_networks`, and the exchange `never`
/// - `move_policy::trusted` while connection ids are enabled
/// - DTLS 1.0
/// - `alpn_required = false` with protocols in `alpn`
/// - `state` together with `record_layer::attached`, whose sessions cannot be exported
[[nodiscard]] std::vector<std::string> warnings(const server_config& config);

/// Returns warnings about the files that `config` names, one sentence each. A server logs them too. Throws
/// `config_error` when the files cannot be used (see `validate_files`). The warnings cover:
/// - a key that is expensive, or that common clients cannot use
/// - PSKs of fewer than 16 bytes
/// - certificates with an RSA key of fewer than 2 048 bits, or signed over SHA-1
/// - a text file that is read as one secret
[[nodiscard]] std::vector<std::string> file_warnings(const server_config& config);

/// Returns facts that help to check these files, one sentence each: the number of secrets. A server logs them
/// as `log_level::info`. Throws as `file_warnings` does.
[[nodiscard]] std::vector<std::string> file_notes(const server_config& config);

/// Reads "127.0.0.1:4433", "[::1]:4433" or "[fe80::1%eth0]:4433". Empty when `text` is none of these.
[[nodiscard]] std::optional<boost::asio::ip::udp::endpoint> parse_endpoint(std::string_view text);

/// Returns the text form of `endpoint`, which `parse_endpoint` reads. An IPv4-mapped address is written as
/// IPv4.
[[nodiscard]] std::string to_string(const boost::asio::ip::udp::endpoint& endpoint);

}  // namespace quivive
