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

namespace detail {
class attempt_core;
}

/// A ClientHello that passed the gate and on which no cryptography has been spent: accept, refuse or ignore
/// it. Destroyed without an answer, it is refused. It expires with `limits::handshake_timeout`, or when its
/// client begins anew, as another attempt. One that expires before `server::async_accept` has given it out is
/// taken out of the line.
class attempt {
public:
    attempt() noexcept;
    attempt(attempt&&) noexcept;
    attempt& operator=(attempt&&) noexcept;
    ~attempt();

    // Precondition of these: not default-constructed or moved from.
    [[nodiscard]] boost::asio::ip::udp::endpoint local() const noexcept;
    [[nodiscard]] boost::asio::ip::udp::endpoint peer() const noexcept;
    [[nodiscard]] bool cookie_proven() const noexcept;
    [[nodiscard]] const std::string& server_name() const noexcept;  ///< SNI, or empty

    /// Shakes hands. Completes with `void(error_code, session)`: `errc::handshake_failed`,
    /// `errc::handshake_timeout`, `errc::displaced` (the client began anew, or a limit was reached, perhaps
    /// before this call), `errc::attempt_expired`, `errc::challenged` (the client comes again as another
    /// attempt, with a cookie), `errc::server_stopped`, or a GnuTLS error. The attempt is used up. Cancelled:
    /// the handshake is given up.
    template <typename CompletionToken>
    auto async_accept(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, session)>(
            [](accept_handler handler, attempt* self) { self->start_accept(std::move(handler)); }, token,
            this);
    }

    /// Answers with a fatal access_denied alert, once, and forgets the peer.
    void refuse() noexcept;

    /// Forgets the peer without an answer.
    void ignore() noexcept;

private:
    friend class detail::attempt_core;
    using accept_handler = boost::asio::any_completion_handler<void(error_code, session)>;

    explicit attempt(std::shared_ptr<detail::attempt_core> core) noexcept;
    void start_accept(accept_handler handler);

    std::shared_ptr<detail::attempt_core> core_;
};

}  // namespace quivive
