#pragma once

#include "quivive/credentials.hpp"
#include "quivive/limits.hpp"
#include "quivive/observer.hpp"
#include "quivive/server_config.hpp"
#include "quivive/session.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quivive {

/// Configuration of a client. Only the members of `limits` for a single session apply.
struct client_config {
    client_credentials credentials;  ///< verification of the server, and the client's own credentials
    quivive::limits limits;          ///< limits and time-outs
    std::optional<boost::asio::ip::udp::endpoint> bind;  ///< local address; otherwise the system chooses
    bool dtls_1_0 = false;                               ///< allows DTLS 1.0, see `server_config::dtls_1_0`

    /// Protocols to offer (RFC 7301), in order of preference; empty: no ALPN. A server without ALPN selects
    /// no protocol: `session_info::alpn` is then empty, and the application decides. The handshake fails when
    /// the server selects a protocol that was not offered.
    std::vector<std::string> alpn;
    keying_options keying;              ///< keys for other protocols: exporters, SRTP
    std::string priority;               ///< GnuTLS priority string; empty: quivive's own
    std::size_t mtu = 1'400;            ///< largest UDP payload for application data, in bytes
    std::size_t handshake_mtu = 1'200;  ///< largest UDP payload for flights, in bytes
    quivive::record_layer record_layer =
        quivive::record_layer::detached;  ///< component that protects records after the handshake

    /// Offers connection ids (RFC 9146). Each record of the client then contains the server's id, and the
    /// session survives a change of the client's address on the path. The value is the length in bytes,
    /// 0..16, of the id that the server puts into its own records. It is usually 0 (no id), because a client
    /// identifies the session by its socket. No value: connection ids are not offered. Needs
    /// `record_layer::detached`.
    std::optional<std::size_t> connection_id;

    /// Receives many datagrams with one call (UDP_GRO), where the kernel supports it. For a session that
    /// receives much data. Takes 64 KiB of memory.
    bool coalesce_received = false;
    trace_sink trace;  ///< receives the steps of the handshake; optional
};

/// Returns all problems of `config`, one sentence each. Empty when it can be used. Does not open files.
[[nodiscard]] std::vector<std::string> validate(const client_config& config);

/// Opens the files that `config` names (certificate, key, authorities), as `async_connect` does each time.
/// Returns their problems.
[[nodiscard]] std::vector<std::string> validate_files(const client_config& config);

/// @cond
namespace runtime {
void start_connect(const boost::asio::any_io_executor& executor, const boost::asio::ip::udp::endpoint& server,
                   const client_config& config,
                   boost::asio::any_completion_handler<void(error_code, session)> handler);
}
/// @endcond

/// Connects to a DTLS server from a new socket. Completes with `void(error_code, session)`:
/// `errc::handshake_timeout`, `errc::handshake_failed`, `errc::certificate_rejected`,
/// `errc::bad_configuration`, or a GnuTLS or system error. An error code cannot describe the problem of a
/// configuration: `validate` and `validate_files` return it. `client_config::trace` receives it too, on the
/// calling thread, as `trace_kind::failed`. All work of the session runs in a strand of `executor`.
/// Cancellation aborts the handshake.
template <typename CompletionToken>
auto async_connect(boost::asio::any_io_executor executor, boost::asio::ip::udp::endpoint server,
                   client_config config, CompletionToken&& token)
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, session)>(
        [](boost::asio::any_completion_handler<void(error_code, session)> handler,
           const boost::asio::any_io_executor& ex, const boost::asio::ip::udp::endpoint& to,
           const client_config& how) { runtime::start_connect(ex, to, how, std::move(handler)); },
        token, std::move(executor), std::move(server), std::move(config));
}

}  // namespace quivive
