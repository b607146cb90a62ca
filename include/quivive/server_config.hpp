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

/// Who protects the records of a session after its handshake.
enum class record_layer : unsigned char {
    /// quivive, with the keys that GnuTLS has agreed on; GnuTLS's session is freed, and with it nine of ten
    /// kilobytes. CBC suites and DTLS 1.0 stay attached.
    detached,
    attached,  ///< the GnuTLS session, which stays
};

[[nodiscard]] std::string_view to_string(record_layer layer) noexcept;

/// Whether a peer must have what older ones have not.
enum class requirement : unsigned char { optional, required };

[[nodiscard]] std::string_view to_string(requirement what) noexcept;

/// All that a server is told. Every member has a default that works but `listen` and `credentials`.
struct server_config {
    /// Where to listen; at least one. Port 0 takes a free one (see `server::local_endpoints`). `[::]` takes
    /// IPv4 too, unless an IPv4 wildcard with the same port stands beside it.
    std::vector<boost::asio::ip::udp::endpoint> listen;

    server_credentials credentials;
    cookie_policy cookies;
    quivive::limits limits;

    /// Threads of a server that owns its threads, each with a socket and a table of its own. 0: one a core.
    /// Without effect on a server on the user's executor.
    std::size_t threads = 1;

    /// Threads on which handshakes go on beside those, 0..256, also on the user's executor: then no signature
    /// delays a session's datagram, and `server_credentials::psk` may take its time. Worth it when handshakes
    /// with certificates are many, and cores are free; each step costs two changes of thread. 0: handshakes
    /// go on in the threads of their sessions. See `limits::handshake_queue`.
    std::size_t handshake_threads = 0;

    /// RFC 9325 3.1.2: DTLS 1.0 MUST NOT be negotiated. Only for peers that know nothing else.
    bool dtls_1_0 = false;

    /// RFC 7627. A session without it is served, but cannot be resumed, and gives no keys to other protocols
    /// (`keying`). Required: a client without it is refused with handshake_failure.
    requirement extended_master_secret = requirement::optional;
    /// RFC 5746. Nothing is ever renegotiated here, whatever the client has. Required: a client that does not
    /// say that it has it is refused with handshake_failure.
    requirement secure_renegotiation = requirement::optional;

    std::vector<std::string> alpn;  ///< protocols, most wanted first; empty: no ALPN
    /// Refuses a client that offers ALPN protocols of which none is in `alpn`, with the alert
    /// no_application_protocol (RFC 7301 3.2). One that offers no ALPN is served either way; so are, if
    /// false, all. Then, and while `alpn` is empty, `session_info::alpn` may be empty.
    bool alpn_required = true;
    keying_options keying;  ///< keys for other protocols: exporters, SRTP
    std::string priority;   ///< a GnuTLS priority string instead of ours; empty: ours

    /// The largest UDP payload for application data, 256..65507 bytes. 1400 fits most tunnels and clouds.
    std::size_t mtu = 1'400;
    /// The same for flights; a handshake must get through where nothing is known of the path yet.
    std::size_t handshake_mtu = 1'200;

    quivive::record_layer record_layer = quivive::record_layer::detached;

    /// Off by default. Needs `record_layer::detached`.
    connection_id_policy connection_ids;

    /// Networks with addresses that several people share, as behind a carrier's NAT or a balancer: there
    /// another port may be another person's (see `move_policy::sustained`), and no source has a share
    /// (`limits::max_sessions_per_source`, `limits::max_half_open_per_source`).
    std::vector<network> shared_networks;

    /// A folder for what outlives the process, made when it is missing, for its owner alone: marks of the
    /// blobs that were imported, a random id, and the secret that blobs are sealed with, unless
    /// `cookies.secret_file` names one. Empty: sessions can neither be exported nor imported.
    ///
    /// A blob belongs to this one folder, whatever secret there is: processes that share the folder, one
    /// after the other or at the same time, import each other's blobs; others do not, as they have not their
    /// marks. A copy of the folder, also one that was restored in its place, is another folder, by its inode
    /// number and the time at which it was made: its sessions shake hands again. It may be moved within its
    /// file system. Machines that share it must all be told the same inode number and time of birth (statx),
    /// at any time: where a network file system tells them differently, one kernel the time of birth and
    /// another none, they are different folders, whose sessions shake hands again. What is not noticed is
    /// older content that was put into the same folder, or a whole file system that was set back (a snapshot
    /// of a machine): never do that, sessions could be imported a second time, and nonces be used twice.
    ///
    /// A folder that is removed or replaced while the server runs is made again, with its key, at the next
    /// export, import or reload, which is logged as a warning: what was exported before is lost with it.
    /// That a blob is taken for a week is told by the wall clock.
    std::string state;

    /// SO_RCVBUF of each socket, as far as the system allows (net.core.rmem_max, or CAP_NET_ADMIN); 0: its
    /// default. Some 3 000 datagrams that come at once; the usual default holds 250.
    std::size_t receive_buffer_bytes = 4'194'304;
    std::size_t send_buffer_bytes = 0;  ///< SO_SNDBUF; 0: the system's default

    trace_sink trace;  ///< optional
    log_sink log;      ///< optional
    /// The least that `log` is told.
    quivive::log_level log_level = quivive::log_level::warning;
};

/// All problems of `config`, one sentence each; empty when it can be used. Does not open files.
[[nodiscard]] std::vector<std::string> validate(const server_config& config);

/// Opens the files that `config` names (certificate, keys, PSKs, secret), and the folder of `state` as far as
/// it is there, as a server would, and says what is wrong with them: who may own, read and write them as
/// well.
[[nodiscard]] std::vector<std::string> validate_files(const server_config& config);

/// What in `config` gives up protection that is on by default, one sentence each: `trust_all_networks`, rules
/// with `never`, DTLS 1.0. A server logs these as warnings when it starts. Does not open files.
[[nodiscard]] std::vector<std::string> warnings(const server_config& config);

/// Warnings about the files that `config` names, one sentence each: a key that costs much, or that common
/// clients cannot use; PSKs of fewer than 16 bytes; certificates with an RSA key of fewer than 2 048 bits, or
/// signed over SHA-1; a file of text that is taken for one secret. A server logs these too. Throws
/// `config_error` when they cannot be used (see `validate_files`).
[[nodiscard]] std::vector<std::string> file_warnings(const server_config& config);

/// Facts about these files that help to see whether they are as they are meant, one sentence each: how many
/// secrets there are. A server logs them as `log_level::info`. Throws as `file_warnings`.
[[nodiscard]] std::vector<std::string> file_notes(const server_config& config);

/// Reads "127.0.0.1:4433", "[::1]:4433" or "[fe80::1%eth0]:4433". Empty when `text` is none of these.
[[nodiscard]] std::optional<boost::asio::ip::udp::endpoint> parse_endpoint(std::string_view text);

/// The inverse of `parse_endpoint`. An IPv4-mapped address is written as IPv4.
[[nodiscard]] std::string to_string(const boost::asio::ip::udp::endpoint& endpoint);

}  // namespace quivive
