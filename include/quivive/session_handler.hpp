#pragma once

#include "quivive/admission.hpp"
#include "quivive/error.hpp"
#include "quivive/session.hpp"
#include "quivive/session_info.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <vector>

namespace quivive {

/// Application code that a server calls for its sessions. One object serves all sessions. With several
/// threads, its functions are called on several threads at once.
class session_handler {
public:
    virtual ~session_handler() = default;

    /// Runs one session, as a coroutine on the session's executor. When it returns, the session is closed.
    /// When it throws, the session is closed, and the exception is logged and counted
    /// (`metrics::handler_exceptions`). No other session is affected. An exception with the error that ended
    /// the session is neither logged nor counted.
    virtual boost::asio::awaitable<void> run(session session) = 0;

    /// Decides on a ClientHello that the policy would admit. Called once for each, before any state is
    /// allocated. It must not block. An exception is logged and counted, and means `admission::drop`.
    virtual admission admit(const client_hello& hello);

    /// Reports that the peer of a session with a connection id (RFC 9146) has moved from the address `before`
    /// to `now`. The new address may still be unvalidated (`session::confirm_peer`), and a later call may
    /// report the move back. Called on the session's executor.
    virtual void moved(const session_info& info, const boost::asio::ip::udp::endpoint& before,
                       const boost::asio::ip::udp::endpoint& now) noexcept;

    /// Returns application data to export with a session. Called for each session that
    /// `server::async_export_all` exports. The importing handler finds the data in
    /// `session_info::application`. The default returns nothing. When it throws, the session is not exported,
    /// and is closed with the server. Called on the session's executor. It must not use sessions.
    virtual std::vector<std::byte> export_state(const session_info& info);

    /// Reports the end of a session that was passed to `run`. Called once, after the session is removed from
    /// the table, with the reason as described for `session`. Called on the session's executor.
    virtual void closed(const session_info& info, error_code why) noexcept;
};

}  // namespace quivive
