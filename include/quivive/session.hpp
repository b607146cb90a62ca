#pragma once

#include "quivive/error.hpp"
#include "quivive/session_info.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace quivive {

/// @cond
namespace runtime {
class session_core;
}
/// @endcond

/// An established DTLS session. The object is its only owner. Destroying the object closes the session: it
/// sends close_notify and does not wait for the peer's.
///
/// Operations may start on any thread but, as with any Asio object, not two at a time. Completion handlers
/// run on their associated executor. Outstanding work is counted on that executor from the call on. The
/// default is `get_executor()`, or Asio's system executor when the server has ended. The execution context of
/// any other executor must outlive the server, which may still hold work on it after the handler has run.
///
/// One receive, one send and one close may be in progress together. A second operation of the same kind
/// completes with `errc::operation_in_progress`. All of them support total cancellation: a cancelled
/// operation has no effect, and the session continues. A cancelled `async_close` is the exception: the
/// session is closed all the same.
///
/// These errors end a session. The waiting operation and all later ones complete with them:
/// - `asio::error::eof`: the peer sent close_notify
/// - `asio::error::operation_aborted`: the session was closed on this side
/// - `errc::replaced`, `errc::idle_timeout`, `errc::peer_alert`, `errc::server_stopped`,
///   `errc::sequence_exhausted`
/// - `errc::exported`, `errc::export_failed`: see `async_export` and `server::async_export_all`
///
/// Messages received before the end are delivered first. No fault of a peer throws an exception.
class session {
public:
    /// The executor type, as Asio expects it of an I/O object.
    using executor_type = boost::asio::any_io_executor;

    /// Creates an object without a session. Operations complete with `asio::error::bad_descriptor`.
    session() noexcept;
    /// Moves the session. The source is then without a session.
    session(session&&) noexcept;
    /// Closes the session held so far, and moves the other one here.
    session& operator=(session&&) noexcept;
    /// Closes the session with close_notify, without waiting for the peer's.
    ~session();

    /// Returns the executor of the thread (shard) that owns the session. It may be used without a time limit.
    /// Work posted to a thread that has ended with its server is destroyed.
    [[nodiscard]] executor_type get_executor() const noexcept;

    /// Returns true while messages can still be sent. Messages received earlier may be waiting even when it
    /// returns false.
    [[nodiscard]] bool is_open() const noexcept;

    /// Returns the facts of the session. Precondition: not default-constructed or moved from. An idle session
    /// stores them in a third of their size until the first call. Only that call can throw `std::bad_alloc`.
    [[nodiscard]] const session_info& info() const;

    /// Returns the peer's current address. It is `info().peer`, unless the peer has moved (RFC 9146;
    /// `session_handler::moved`). Call it on the session's executor. The precondition is the same as for
    /// `info`.
    [[nodiscard]] boost::asio::ip::udp::endpoint peer() const;

    /// Validates the new address `where` of a peer that has moved. Call it when the peer has shown that it
    /// receives there, by a value that only the receiver of that traffic can know, such as CoAP's Echo option
    /// (RFC 9175). Until this call, or a successful return routability check (RFC 9853), the `move_policy` of
    /// its network limits the data sent there. The call has no effect when the peer has moved elsewhere, or
    /// when its address is already validated. It may be called from any thread.
    void confirm_peer(const boost::asio::ip::udp::endpoint& where);

    /// Returns the largest message that `async_send` accepts, in bytes. This is the path's MTU less the
    /// overhead of the cipher suite, or less when the peer requested a lower limit in the handshake (RFC 6066
    /// 4, RFC 8449 4). The value does not change during a session.
    [[nodiscard]] std::size_t max_message_size() const noexcept;

    /// Receives one message into `buffer`, which must outlive the operation. Completes with `void(error_code,
    /// std::size_t)`. A message larger than the buffer completes with `errc::message_size` and the size of
    /// the message, which stays first in the queue.
    template <typename CompletionToken>
    auto async_receive(boost::asio::mutable_buffer buffer, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](receive_handler handler, session* self, boost::asio::mutable_buffer into) {
                self->start_receive(into, std::move(handler));
            },
            token, this, buffer);
    }

    /// Receives one message and gives a view of it. The view is valid until the next receive starts or the
    /// session ends. An idle session that waits in this way holds no buffer. Completes with `void(error_code,
    /// asio::const_buffer)`.
    template <typename CompletionToken>
    auto async_receive(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, boost::asio::const_buffer)>(
            [](view_handler handler, session* self) { self->start_receive(std::move(handler)); }, token,
            this);
    }

    /// Sends one message as one record in one datagram. `buffer` must outlive the operation. Completes with
    /// `void(error_code, std::size_t)` when the record is queued for the kernel. Records sent in one turn
    /// (one pass of the event loop) leave together when the ready handlers have returned, so a handler that
    /// blocks delays them. The operation waits while the kernel accepts no more
    /// (`limits::send_queue_datagrams`). DTLS does not guarantee delivery. A message of more than
    /// `max_message_size()` bytes completes with `errc::message_size`, and nothing is sent.
    template <typename CompletionToken>
    auto async_send(boost::asio::const_buffer buffer, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](receive_handler handler, session* self, boost::asio::const_buffer from) {
                self->start_send(from, std::move(handler));
            },
            token, this, buffer);
    }

    /// Sends close_notify and waits for the peer's, for `limits::close_timeout` at most. Completes with
    /// `void(error_code)`, without an error in either case. A waiting receive completes with
    /// `asio::error::operation_aborted`. Cancellation only ends the wait; the session is closed all the same.
    template <typename CompletionToken>
    auto async_close(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code)>(
            [](close_handler handler, session* self) { self->start_close(std::move(handler)); }, token, this);
    }

    /// Exports the session from this server as a sealed blob. The session ends here with `errc::exported`,
    /// and nothing is sent to the peer. `server::import_session` of another process with the same
    /// `server_config::state` folder continues it, with its keys, sequence numbers, connection id and unread
    /// messages. `application` is copied before the function returns, and appears as
    /// `session_info::application` in that process.
    ///
    /// Completes with `void(error_code, std::vector<std::byte>)`. The errors are:
    /// - `errc::not_exportable`: the session is a client's, its records are attached, or it is closing
    /// - `errc::no_state`: there is no `server_config::state`
    /// - `errc::bad_configuration`: the content of that folder can no longer be trusted
    /// - the system's error, when the folder is gone and cannot be created again
    ///
    /// After an error the session continues, and no blob of it remains. The operation cannot be cancelled.
    template <typename CompletionToken>
    auto async_export(boost::asio::const_buffer application, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::vector<std::byte>)>(
            [](export_handler handler, session* self, boost::asio::const_buffer from) {
                self->start_export(from, std::move(handler));
            },
            token, this, application);
    }

private:
    friend class runtime::session_core;
    using receive_handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    using view_handler = boost::asio::any_completion_handler<void(error_code, boost::asio::const_buffer)>;
    using export_handler = boost::asio::any_completion_handler<void(error_code, std::vector<std::byte>)>;
    using close_handler = boost::asio::any_completion_handler<void(error_code)>;

    explicit session(std::shared_ptr<runtime::session_core> core) noexcept;

    void start_receive(boost::asio::mutable_buffer buffer, receive_handler handler);
    void start_receive(view_handler handler);
    void start_send(boost::asio::const_buffer buffer, receive_handler handler);
    void start_close(close_handler handler);
    void start_export(boost::asio::const_buffer application, export_handler handler);

    std::shared_ptr<runtime::session_core> core_;
};

}  // namespace quivive
