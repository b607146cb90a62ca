#pragma once

#include <boost/system/error_code.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace quivive {

using error_code = boost::system::error_code;

/// Errors of quivive itself. Clean ends are not errors of ours: a peer's close_notify is `asio::error::eof`,
/// an operation that was cancelled, or whose session was closed on this side,
/// `asio::error::operation_aborted`.
enum class errc {
    message_size = 1,       ///< the message does not fit the buffer, or `max_message_size()`
    operation_in_progress,  ///< this kind of operation is already waiting on this session
    replaced,               ///< the peer made a new association from the same address (RFC 6347 4.2.8)
    idle_timeout,           ///< no authentic record for `limits::idle_timeout`
    handshake_timeout,      ///< the handshake did not finish in `limits::handshake_timeout`
    handshake_failed,       ///< the handshake failed; the cause is in the log and the counters
    displaced,              ///< given up for a newcomer: its own peer's, which began anew, or at a limit
    peer_alert,             ///< the peer ended the session with an authenticated fatal alert
    server_stopped,         ///< the server has stopped
    already_serving,        ///< handlers take the attempts: `serve()` and `async_accept()` exclude each other
    attempt_expired,        ///< the attempt was answered, or waited longer than the handshake time-out
    certificate_rejected,   ///< the peer's certificate did not pass the verification asked for
    sequence_exhausted,     ///< no further record may be protected with these keys
    challenged,             ///< the answer was too long for an unproven address, so a cookie was asked for
    exported,               ///< the session was exported, and goes on in another process
    not_exportable,         ///< only an open session whose records are detached can be exported
    no_state,               ///< for want of `server_config::state`
    bad_blob,               ///< not sealed with this secret for this state folder, or changed since
    used_blob,              ///< it was imported before
    expired_blob,           ///< it was exported too long ago, or in the future
    foreign_blob,       ///< another server's: none here listens at its address, or gives ids of its length
    bad_configuration,  ///< a client's: `validate(client_config)` and `validate_files` say why; or a server's
                        ///< `state`, where a session is exported or imported: the log says why
    wrong_key,          ///< the peer's Finished does not verify: it has another PSK, or an unknown identity
    server_name_rejected,       ///< a client's server name (SNI) that is no DNS name: GnuTLS refuses it
    no_extended_master_secret,  ///< the peer has none (RFC 7627), and it is required
    no_secure_renegotiation,    ///< the client has none (RFC 5746), and it is required
    export_failed,  ///< an export failed, and it is not certain that nobody can import the session
};

/// The category of `errc`; `name()` is "quivive". One object in the whole process.
[[nodiscard]] const boost::system::error_category& quivive_category() noexcept;

/// The category of GnuTLS's own codes (negative, as GnuTLS gives them); `name()` is "gnutls".
[[nodiscard]] const boost::system::error_category& tls_category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), quivive_category()};
}

/// Thrown by constructors and by whatever reads configuration: what a user gave cannot be used.
/// It holds all problems found, not only the first; `what()` is them all, a line each.
class config_error : public std::runtime_error {
public:
    explicit config_error(std::vector<std::string> problems);
    explicit config_error(std::string problem);

    /// One sentence each: the place, what is wrong, what would be right. Never empty.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
    std::vector<std::string> problems_;
};

}  // namespace quivive

template <>
struct boost::system::is_error_code_enum<quivive::errc> : std::true_type {
};
