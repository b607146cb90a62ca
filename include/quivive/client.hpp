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

/// What a client is told. Of `limits`, those of a single session hold.
struct client_config {
    client_credentials credentials;
    quivive::limits limits;
    std::optional<boost::asio::ip::udp::endpoint> bind;  ///< the local end; otherwise the system chooses
    bool dtls_1_0 = false;
    /// Protocols to offer (RFC 7301), most wanted first; empty: no ALPN. A server that knows no ALPN agrees
    /// on none: `session_info::alpn` is then empty, and the application decides. One that chooses a protocol
    /// which is not offered fails the handshake.
    std::vector<std::string> alpn;
    keying_options keying;
    std::string priority;
    std::size_t mtu = 1'400;
    std::size_t handshake_mtu = 1'200;
    quivive::record_layer record_layer = quivive::record_layer::detached;

    /// Offers connection ids (RFC 9146): the server's id is then in each of our records, and the session
    /// survives a change of our address on the way. The value: bytes, 0..16, of the id that the server puts
    /// into its own records. Usually 0, none: a client knows the session by its socket. No value: no ids.
    /// Needs `record_layer::detached`.
    std::optional<std::size_t> connection_id;

    /// Has the kernel hand over many datagrams at once (UDP_GRO), where it can: for a session that receives
    /// much. It takes 64 KiB of memory.
    bool coalesce_received = false;
    trace_sink trace;
};

/// All problems of `config`, one sentence each; empty when it can be used. Does not open files.
[[nodiscard]] std::vector<std::string> validate(const client_config& config);

/// Opens the files that `config` names (certificate, key, authorities) as `async_connect` does each time, and
/// says what is wrong with them.
[[nodiscard]] std::vector<std::string> validate_files(const client_config& config);

namespace detail {
void start_connect(const boost::asio::any_io_executor& executor, const boost::asio::ip::udp::endpoint& server,
                   const client_config& config,
                   boost::asio::any_completion_handler<void(error_code, session)> handler);
}

/// Connects to a DTLS server, from a socket of its own. Completes with `void(error_code, session)`:
/// `errc::handshake_timeout`, `errc::handshake_failed`, `errc::certificate_rejected`,
/// `errc::bad_configuration`, or a GnuTLS or system error. An error code has no room for what is wrong with a
/// configuration: `validate` and `validate_files` say it, and so does `client_config::trace`, on the calling
/// thread, as `trace_kind::failed`. All work of the session runs in a strand of `executor`. Cancelled: the
/// attempt is given up.
template <typename CompletionToken>
auto async_connect(boost::asio::any_io_executor executor, boost::asio::ip::udp::endpoint server,
                   client_config config, CompletionToken&& token)
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, session)>(
        [](boost::asio::any_completion_handler<void(error_code, session)> handler,
           const boost::asio::any_io_executor& ex, const boost::asio::ip::udp::endpoint& to,
           const client_config& how) { detail::start_connect(ex, to, how, std::move(handler)); },
        token, std::move(executor), std::move(server), std::move(config));
}

}  // namespace quivive
