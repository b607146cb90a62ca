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

namespace detail {
class session_core;
}

/// One established DTLS session: the only owner of it. Destroying the object closes the session
/// (close_notify, without waiting for the peer's).
///
/// Operations may be started on any thread but, as with any Asio object, not two at a time. Completion
/// handlers run on their associated executor, which has work from the call on, by default on
/// `get_executor()`, or, when the server has ended, on Asio's system executor. The context of another one
/// must outlive the server: its thread may still be handing a handler over when that has run. One receive,
/// one send and one close may be in flight together; a second of a kind ends with
/// `errc::operation_in_progress`. All support total cancellation: a cancelled operation has had no effect,
/// and the session goes on.
///
/// Errors that end a session, given to the operation that waits and to all later ones:
/// `asio::error::eof` (the peer's close_notify), `asio::error::operation_aborted` (closed on this side),
/// `errc::replaced`, `errc::idle_timeout`, `errc::peer_alert`, `errc::server_stopped`,
/// `errc::sequence_exhausted`. Messages that were received before the end are delivered first. No fault of a
/// peer throws.
class session {
public:
    using executor_type = boost::asio::any_io_executor;

    /// No session; operations end with `asio::error::bad_descriptor`.
    session() noexcept;
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    ~session();

    /// The executor of the thread (shard) that the session lives on. It may be used for ever: what is posted
    /// to a thread that has ended with its server is destroyed.
    [[nodiscard]] executor_type get_executor() const noexcept;

    /// Whether messages can still be sent. Messages received earlier may wait also when not.
    [[nodiscard]] bool is_open() const noexcept;

    /// Precondition: not default-constructed or moved from. An idle session keeps it in a third of its size
    /// until it is first asked for; that call alone can throw `std::bad_alloc`.
    [[nodiscard]] const session_info& info() const;

    /// Where the peer is now: `info().peer`, unless it has moved (RFC 9146; `session_handler::moved`). To be
    /// called on the session's executor. Precondition as of `info`.
    [[nodiscard]] boost::asio::ip::udp::endpoint peer() const;

    /// Says that the peer has shown that it is at `where`, to which it has moved, by something that only who
    /// gets what is sent there can know, such as CoAP's Echo option (RFC 9175). Until then, or until it has
    /// answered a return routability check (RFC 9853), it is sent no more than `move_policy` of its network
    /// allows. Without effect when it is elsewhere by now, or nothing is in doubt. From any thread.
    void confirm_peer(const boost::asio::ip::udp::endpoint& where);

    /// The largest message that `async_send` takes, in bytes: the path's MTU less what the cipher suite adds,
    /// or less than that where the peer has asked for it in the handshake (RFC 6066 4, RFC 8449 4). It stays
    /// the same for the session's life.
    [[nodiscard]] std::size_t max_message_size() const noexcept;

    /// Receives one message into `buffer`, which must outlive the operation.
    /// Completes with `void(error_code, std::size_t)`. A message larger than the buffer gives
    /// `errc::message_size` and its size, and stays first in the queue.
    template <typename CompletionToken>
    auto async_receive(boost::asio::mutable_buffer buffer, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](receive_handler handler, session* self, boost::asio::mutable_buffer into) {
                self->start_receive(into, std::move(handler));
            },
            token, this, buffer);
    }

    /// Receives one message and lends a view of it, good until the next receive is started or the session
    /// ends. An idle session that waits so holds no buffer. Completes with `void(error_code,
    /// asio::const_buffer)`.
    template <typename CompletionToken>
    auto async_receive(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, boost::asio::const_buffer)>(
            [](view_handler handler, session* self) { self->start_receive(std::move(handler)); }, token,
            this);
    }

    /// Sends one message as one record in one datagram; `buffer` must outlive the operation.
    /// Completes with `void(error_code, std::size_t)` when the record is on its way to the kernel: what is
    /// sent in one turn leaves together when the handlers that are ready have returned, so one that blocks
    /// holds it up. While the kernel takes no more (`limits::send_queue_datagrams`) it waits. That the peer
    /// gets it is not promised by DTLS. More than `max_message_size()` bytes: `errc::message_size`, nothing
    /// sent.
    template <typename CompletionToken>
    auto async_send(boost::asio::const_buffer buffer, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](receive_handler handler, session* self, boost::asio::const_buffer from) {
                self->start_send(from, std::move(handler));
            },
            token, this, buffer);
    }

    /// Sends close_notify and waits for the peer's, for `limits::close_timeout` at most.
    /// Completes with `void(error_code)`: no error in either case. A receive that waits is told
    /// `asio::error::operation_aborted`. Cancelled, it stops waiting; the session is closed all the same.
    template <typename CompletionToken>
    auto async_close(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code)>(
            [](close_handler handler, session* self) { self->start_close(std::move(handler)); }, token, this);
    }

    /// Takes the session out of this server: ends it here with `errc::exported`, without a word to the peer,
    /// and gives it as a sealed blob with which `server::import_session` of another process that has the same
    /// folder as `server_config::state` goes on, keys, sequence numbers, id, unread messages and all.
    /// `application` (copied before this returns) goes along, and is found in `session_info::application`
    /// there. Completes with `void(error_code, std::vector<std::byte>)`: `errc::not_exportable` for a
    /// client's session, one whose records are attached, or one that is closing; `errc::no_state` without
    /// `server_config::state`, `errc::bad_configuration` when what is in that folder is not to be trusted any
    /// more, or the system's error when it is gone and cannot be made again. The session goes on after an
    /// error, of which no blob is left. Cannot be cancelled.
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
    friend class detail::session_core;
    using receive_handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    using view_handler = boost::asio::any_completion_handler<void(error_code, boost::asio::const_buffer)>;
    using export_handler = boost::asio::any_completion_handler<void(error_code, std::vector<std::byte>)>;
    using close_handler = boost::asio::any_completion_handler<void(error_code)>;

    explicit session(std::shared_ptr<detail::session_core> core) noexcept;

    void start_receive(boost::asio::mutable_buffer buffer, receive_handler handler);
    void start_receive(view_handler handler);
    void start_send(boost::asio::const_buffer buffer, receive_handler handler);
    void start_close(close_handler handler);
    void start_export(boost::asio::const_buffer application, export_handler handler);

    std::shared_ptr<detail::session_core> core_;
};

}  // namespace quivive
