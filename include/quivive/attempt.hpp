#pragma once

#include "quivive/error.hpp"
#include "quivive/session.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/udp.hpp>

#include <memory>
#include <string>
#include <utility>

namespace quivive {

/// @cond
namespace runtime {
class attempt_core;
}
/// @endcond

/// A ClientHello that was admitted, and on which no cryptography has been spent. Accept it, refuse it or
/// ignore it. An attempt destroyed without an answer is refused. An attempt expires after
/// `limits::handshake_timeout`. It also expires when its client starts again, which creates another attempt.
/// An attempt that expires before `server::async_accept` returns it is removed from the queue.
class attempt {
public:
    /// Creates an object without an attempt.
    attempt() noexcept;
    /// Moves the attempt. The source is then empty.
    attempt(attempt&&) noexcept;
    /// Refuses the attempt held so far, and moves the other one here.
    attempt& operator=(attempt&&) noexcept;
    /// Refuses an attempt that has no answer yet.
    ~attempt();

    /// Returns the address that the ClientHello was sent to. Precondition of this function and the next
    /// three: the attempt is not default-constructed or moved from.
    [[nodiscard]] boost::asio::ip::udp::endpoint local() const noexcept;
    /// Returns the client's address.
    [[nodiscard]] boost::asio::ip::udp::endpoint peer() const noexcept;
    /// Returns true if the client's address was validated by a cookie.
    [[nodiscard]] bool cookie_proven() const noexcept;
    /// Returns the SNI host name, or an empty string.
    [[nodiscard]] const std::string& server_name() const noexcept;

    /// Performs the handshake. Completes with `void(error_code, session)`. The attempt is used up.
    /// Cancellation aborts the handshake. The errors are:
    /// - `errc::handshake_failed`, `errc::handshake_timeout`
    /// - `errc::displaced`: the client started again, or a limit was reached, perhaps before this call
    /// - `errc::attempt_expired`
    /// - `errc::challenged`: the client returns as another attempt, with a cookie
    /// - `errc::server_stopped`
    /// - a GnuTLS error
    template <typename CompletionToken>
    auto async_accept(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, session)>(
            [](accept_handler handler, attempt* self) { self->start_accept(std::move(handler)); }, token,
            this);
    }

    /// Sends a fatal access_denied alert, once, and removes the peer.
    void refuse() noexcept;

    /// Removes the peer without an answer.
    void ignore() noexcept;

private:
    friend class runtime::attempt_core;
    using accept_handler = boost::asio::any_completion_handler<void(error_code, session)>;

    explicit attempt(std::shared_ptr<runtime::attempt_core> core) noexcept;
    void start_accept(accept_handler handler);

    std::shared_ptr<runtime::attempt_core> core_;
};

}  // namespace quivive
