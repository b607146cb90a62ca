#pragma once

#include "quivive/attempt.hpp"
#include "quivive/metrics.hpp"
#include "quivive/server_config.hpp"
#include "quivive/session_handler.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace quivive {

/// @cond
namespace runtime {
class server_core;
}

namespace detail {
// A callable as a handler.
template <typename Function>
class function_handler final : public session_handler {
public:
    explicit function_handler(Function function) : function_{std::move(function)} {}
    boost::asio::awaitable<void> run(session session) override { return function_(std::move(session)); }

private:
    Function function_;
};
}  // namespace detail
/// @endcond

/// A copyable callable that takes a `session` and returns `asio::awaitable<void>`.
template <typename Function>
concept session_function = std::copy_constructible<Function> && requires(Function f, session s)
{
    {
        f(std::move(s))
        } -> std::same_as<boost::asio::awaitable<void>>;
};

/// A DTLS server on one or several UDP addresses. It reads nothing before `serve` or the first
/// `async_accept`. Member functions may be called from any thread, but not two at a time. Completion handlers
/// run on their associated executor. The default is the first of the server's own threads, or a strand of the
/// user's executor.
class server {
public:
    /// Creates a server on the user's executor and opens the sockets. All work of the server runs in a strand
    /// of that executor. Throws `config_error` with every problem of the configuration,
    /// `boost::system::system_error` when an address cannot be bound, or `std::system_error` when the system
    /// cannot start a thread.
    server(boost::asio::any_io_executor executor, server_config config);

    /// Creates a server with `config.threads` threads of its own, which run until `stop` is complete. Throws
    /// the same exceptions as the other constructor. The execution contexts of executors bound to completion
    /// handlers must outlive the server (see `session`). An exception that a completion handler throws on one
    /// of these threads is logged and counted (`metrics::handler_exceptions`). It ends its own session and no
    /// other. On the user's executor the exception leaves `run()`, as usual in Asio.
    explicit server(server_config config);

    /// Stops at once. Sessions send close_notify, and their handlers receive `errc::server_stopped`. On the
    /// user's executor, outstanding work keeps alive the objects that it needs.
    ///
    /// The destructor waits for the server's own threads. They continue until all handlers have ended, for
    /// 500 ms at most. A handler that still waits then, for example for a timer of another io_context or for
    /// a pool, does not run again. The objects that it needs stay alive. It is destroyed when the operation
    /// it waits for completes or is destroyed, on the thread where that happens. To learn of the end of the
    /// session during such a wait, let the handler also wait for a receive
    /// (`asio::experimental::awaitable_operators`).
    ///
    /// On one of the server's own threads (within a handler, a completion handler or
    /// `session_handler::admit`) the destructor does not wait. The server stops, and is freed soon after that
    /// call has returned. `log`, `trace` and the `session_handler` are in use until then.
    ~server();

    /// Moves the server. Afterwards the source may only be destroyed.
    server(server&&) noexcept;
    server& operator=(server&&) = delete;

    /// Runs each session from now on in `handler->run`.
    void serve(std::shared_ptr<session_handler> handler);

    /// Runs each session from now on in a copy of `function`, which takes a `quivive::session` and returns
    /// `asio::awaitable<void>`.
    template <session_function Function>
    void serve(Function function)
    {
        serve(std::make_shared<detail::function_handler<Function>>(std::move(function)));
    }

    /// Waits for the next attempt. Completes with `void(error_code, attempt)`: `errc::already_serving` after
    /// `serve`, `errc::server_stopped` after `stop`. Several operations may wait. Total cancellation is
    /// supported.
    template <typename CompletionToken>
    auto async_accept(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, attempt)>(
            [](accept_handler handler, server* self) { self->start_accept(std::move(handler)); }, token,
            this);
    }

    /// Applies another configuration while the server runs. New handshakes use it at once: cookies and rules,
    /// limits and time-outs, credentials, ALPN and priorities, MTUs, log level. Existing sessions and
    /// handshakes keep the settings they started with. `trace` and `log` do not change. Throws `config_error`
    /// with every problem, also when a file cannot be used; in that case nothing has changed. Concurrent
    /// calls are applied one after the other.
    ///
    /// Returns the changed settings that a running server cannot apply, one sentence each. They keep their
    /// values until a restart:
    /// - `listen`, `threads`, `handshake_threads`, `state`, `connection_ids.length`
    /// - `receive_buffer_bytes`, `send_buffer_bytes`
    /// - of `limits`: `max_datagram_bytes`, `send_queue_datagrams`, `max_handed_over`, `ready_ciphers`
    [[nodiscard]] std::vector<std::string> reload(server_config config);

    /// Returns memory freed by ended handshakes and sessions to the system. malloc does not do this by itself
    /// where a live allocation lies behind the free memory: after a wave of 4 096 handshakes, 80 MB stay. The
    /// function returns at once. The server's threads and those of `handshake_threads` do the work between
    /// other tasks, in slices of half a millisecond. These 80 MB take 30 ms of CPU. malloc_trim would block
    /// all threads from their memory for as long. Nothing is done while less than 1 MiB was freed since the
    /// last time, or with a C library other than glibc. Call it from time to time; the program calls it every
    /// ten seconds.
    void trim_memory();

    /// Refuses new clients, lets handlers finish until `deadline` from now, then closes the remaining
    /// sessions and the sockets. Handlers of these sessions receive `errc::server_stopped`. Returns at once.
    /// A later call can only bring the deadline forward. Within `session_handler::admit` it also refuses the
    /// client being checked.
    void stop(std::chrono::milliseconds deadline = std::chrono::milliseconds{0});

    /// Stops as `stop` does, and completes with `void(error_code)` when everything is closed. Cancellation
    /// only ends the wait.
    template <typename CompletionToken>
    auto async_stop(std::chrono::milliseconds deadline, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code)>(
            [](stop_handler handler, server* self, std::chrono::milliseconds within) {
                self->start_stop(within, std::move(handler));
            },
            token, this, deadline);
    }

    /// Exports all sessions that can be exported (see `session::async_export`) to a sealed file in
    /// `directory`, for `import_all` of the next process. Calls `session_handler::export_state` for each
    /// session. From then on the server is quiesced: it reads and sends nothing, closes no session, and no
    /// time-out fires. Operations started meanwhile wait.
    ///
    /// Completes with `void(error_code, std::size_t)`, the number of sessions, when the file is on the disk.
    /// Only then do these sessions end here, with `errc::exported`; nothing is sent to their peers. All other
    /// sessions continue. Call `stop` afterwards.
    ///
    /// After an error all sessions continue, and no file remains from which they could be imported. If that
    /// cannot be made certain, because the disk fails while the file is removed, the copied sessions end with
    /// `errc::export_failed`. They send close_notify, unless the file is still there to be imported. The
    /// errors are:
    /// - `errc::no_state`: there is no `server_config::state`
    /// - `errc::operation_in_progress`: another export is in progress
    /// - `errc::server_stopped`: after `stop`
    /// - `errc::bad_configuration`: the content of the `state` folder can no longer be trusted, for example
    ///   because its owner or mode has changed; the cause is logged
    /// - otherwise the system's error
    ///
    /// The operation cannot be cancelled.
    template <typename CompletionToken>
    auto async_export_all(std::filesystem::path directory, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](export_handler handler, server* self, std::filesystem::path to) {
                self->start_export_all(std::move(to), std::move(handler));
            },
            token, this, std::move(directory));
    }

    /// Imports an exported session and continues it in the handler of `serve`, which may be called later. The
    /// blob can be used once. It is marked as used in `server_config::state`, on the disk, before the session
    /// is used. So no process that shares the folder imports it again, and no nonce is used twice. A problem
    /// found after the mark is written (the address is in use, no capacity is left) is logged, and ends the
    /// session. The errors are:
    /// - `errc::bad_blob`: no process with the same folder and secret sealed it, or a byte was changed
    /// - `errc::used_blob`: it was imported before
    /// - `errc::expired_blob`: it is older than a week, or from the future
    /// - `errc::foreign_blob`: its peer sends to an address where this server does not listen, or its
    ///   connection id has another length than this server's; the blob is not marked
    /// - `errc::no_state`, and `errc::bad_configuration` as for `async_export_all`
    /// - the system's error, when the mark cannot be written
    [[nodiscard]] error_code import_session(std::span<const std::byte> blob);

    /// Result of `import_all`.
    struct import_result {
        /// Sessions imported and marked. A session without capacity for it is counted here, logged, and ends.
        std::size_t imported = 0;
        std::size_t refused = 0;  ///< sessions refused; the reason is logged

        /// Last error of a file that could not be read, marked or removed; all of them are logged.
        /// `errc::no_state` without `server_config::state`.
        error_code error;
    };

    /// Imports the sessions of all files that `async_export_all` wrote to `directory`, as `import_session`
    /// does, and removes the files. Sessions of another server, or sealed under another secret, stay there
    /// while they are not older than a week. Sessions sealed in the format of an earlier version of the
    /// library are refused and removed. Without a directory there is nothing to import.
    ///
    /// Call it before `serve`, so that no peer sends before its session exists. Call it when nothing else can
    /// fail, because the sessions are used up.
    import_result import_all(const std::filesystem::path& directory);

    /// Waits until a stopped server that owns its threads has ended. Returns at once on a user's executor.
    /// Throws `std::system_error` (`std::errc::resource_deadlock_would_occur`) on one of these threads.
    void join();

    /// Returns the bound addresses, with their real ports, in the order of `server_config::listen`.
    [[nodiscard]] std::vector<boost::asio::ip::udp::endpoint> local_endpoints() const;

    /// Returns `"sha256:<base64>"` of the newest certificate's public key, for clients that pin it. Empty
    /// without a certificate. The reference is valid until the next `reload`.
    [[nodiscard]] const std::string& pin() const noexcept;

    /// Returns the counters. May be called from any thread at any time. Sums over threads are not a snapshot
    /// of one moment.
    [[nodiscard]] quivive::metrics metrics() const;

private:
    using accept_handler = boost::asio::any_completion_handler<void(error_code, attempt)>;
    using export_handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    using stop_handler = boost::asio::any_completion_handler<void(error_code)>;

    void start_accept(accept_handler handler);
    void start_export_all(std::filesystem::path directory, export_handler handler);
    void start_stop(std::chrono::milliseconds deadline, stop_handler handler);

    std::shared_ptr<runtime::server_core> core_;
};

}  // namespace quivive
