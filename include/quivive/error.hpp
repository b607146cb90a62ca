#pragma once

#include <boost/system/error_code.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace quivive {

/// Error code type of all operations.
using error_code = boost::system::error_code;

/// Errors of quivive itself. Normal ends have Asio's codes: `asio::error::eof` for a peer's close_notify, and
/// `asio::error::operation_aborted` for an operation that was cancelled or whose session was closed on this
/// side.
enum class errc {
    message_size = 1,       ///< the message does not fit the buffer, or `max_message_size()`
    operation_in_progress,  ///< an operation of this kind is already waiting on this session
    replaced,               ///< the peer made a new association from the same address (RFC 6347 4.2.8)
    idle_timeout,           ///< no authentic record for `limits::idle_timeout`
    handshake_timeout,      ///< the handshake did not finish in `limits::handshake_timeout`
    handshake_failed,       ///< the handshake failed; the cause is in the log and the counters
    displaced,  ///< aborted in favour of a new client: its own peer, which started again, or another one at a
                ///< limit
    peer_alert,            ///< the peer ended the session with an authenticated fatal alert
    server_stopped,        ///< the server has stopped
    already_serving,       ///< handlers take the attempts: `serve()` and `async_accept()` exclude each other
    attempt_expired,       ///< the attempt was answered, or waited longer than the handshake time-out
    certificate_rejected,  ///< the peer's certificate failed verification
    sequence_exhausted,    ///< no further record may be protected with these keys
    challenged,            ///< the answer was too long for an unvalidated address, so a cookie was requested
    exported,              ///< the session was exported, and continues in another process
    not_exportable,        ///< only an open session whose records are detached can be exported
    no_state,              ///< there is no `server_config::state`
    bad_blob,              ///< not sealed with this secret for this state folder, or changed since
    used_blob,             ///< the blob was imported before
    expired_blob,          ///< exported too long ago, or in the future
    foreign_blob,       ///< another server's: this one does not listen at its address, or has ids of another
                        ///< length
    bad_configuration,  ///< a client's configuration (see `validate(client_config)` and `validate_files`), or
                        ///< a server's `state` at an export or import (see the log)
    wrong_key,          ///< the peer's Finished does not verify: another PSK, or an unknown identity
    server_name_rejected,       ///< the client's server name (SNI) is no DNS name, and GnuTLS refuses it
    no_extended_master_secret,  ///< the peer lacks the extended master secret (RFC 7627), which is required
    no_secure_renegotiation,    ///< the client lacks secure renegotiation (RFC 5746), which is required
    export_failed,  ///< an export failed, and it is not certain that the session cannot be imported
};

/// Returns the category of `errc`. Its `name()` is "quivive". One object exists in the process.
[[nodiscard]] const boost::system::error_category& quivive_category() noexcept;

/// Returns the category of GnuTLS's own codes (negative, as in GnuTLS). Its `name()` is "gnutls".
[[nodiscard]] const boost::system::error_category& tls_category() noexcept;

/// Returns `code` as an `error_code` of `quivive_category()`.
[[nodiscard]] inline error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), quivive_category()};
}

/// Exception for configuration that cannot be used. Thrown by constructors and by functions that read
/// configuration. It holds all problems found, not only the first. `what()` returns all of them, one on each
/// line.
class config_error : public std::runtime_error {
public:
    /// Creates an exception with several problems.
    explicit config_error(std::vector<std::string> problems);
    /// Creates an exception with one problem.
    explicit config_error(std::string problem);

    /// Returns the problems, one sentence each: the place, the fault, the correction. Never empty.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
    std::vector<std::string> problems_;
};

}  // namespace quivive

/// @cond
// Enables the conversion of `quivive::errc` to an error code.
template <>
struct boost::system::is_error_code_enum<quivive::errc> : std::true_type {
};
/// @endcond
