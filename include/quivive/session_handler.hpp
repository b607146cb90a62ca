#pragma once

#include "quivive/admission.hpp"
#include "quivive/error.hpp"
#include "quivive/session.hpp"
#include "quivive/session_info.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <vector>

namespace quivive {

/// What a server does with its sessions. One object serves all of them; with several threads its functions
/// are called on several at once.
class session_handler {
public:
    virtual ~session_handler() = default;

    /// Runs one session, as a coroutine on the session's executor. When it returns, the session is closed;
    /// when it throws, the session is closed, the exception logged and counted
    /// (`metrics::handler_exceptions`), and nobody else is touched. The end of its session, with the error
    /// that its operations were told, is no failure, and neither logged nor counted.
    virtual boost::asio::awaitable<void> run(session session) = 0;

    /// Asked once for each ClientHello that the policy would admit, before any state is made. Must not block.
    /// An exception is logged and counted, and means `admission::drop`.
    virtual admission admit(const client_hello& hello);

    /// Told when a session's peer, which has a connection id (RFC 9146), goes on from another address: `now`,
    /// after `before`. Perhaps it has not shown yet that it is there (`session::confirm_peer`), and it may be
    /// told back again. On the session's executor.
    virtual void moved(const session_info& info, const boost::asio::ip::udp::endpoint& before,
                       const boost::asio::ip::udp::endpoint& now) noexcept;

    /// Asked for each session that `server::async_export_all` takes out: what shall go along, to be found in
    /// `session_info::application` by the handler that goes on with it. By default nothing. When it throws,
    /// the session stays, and is closed with the server. On the session's executor; must not touch sessions.
    virtual std::vector<std::byte> export_state(const session_info& info);

    /// Told once when a session that `run` was given is over, after the table has forgotten it, with the
    /// reason as in `session`'s description. On the session's executor.
    virtual void closed(const session_info& info, error_code why) noexcept;
};

}  // namespace quivive
