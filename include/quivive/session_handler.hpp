#pragma once

#include "quivive/admission.hpp"
#include "quivive/error.hpp"
#include "quivive/session.hpp"
#include "quivive/session_info.hpp"

#include <boost/asio/awaitable.hpp>

namespace quivive {

/// What a server does with its sessions. One object serves all of them; with several threads its functions
/// are called on several at once.
class session_handler {
public:
    virtual ~session_handler() = default;

    /// Runs one session, as a coroutine on the session's executor. When it returns, the session is closed;
    /// when it throws, the session is closed, the exception logged and counted, and nobody else is touched.
    virtual boost::asio::awaitable<void> run(session session) = 0;

    /// Asked once for each ClientHello that the policy would admit, before any state is made. Must not block.
    /// What it throws counts as `admission::drop`.
    virtual admission admit(const client_hello& hello);

    /// Told once when a session that `run` was given is over, after the table has forgotten it, with the
    /// reason as in `session`'s description. On the session's executor.
    virtual void closed(const session_info& info, error_code why) noexcept;
};

}  // namespace quivive
