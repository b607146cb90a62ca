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

namespace detail {
class server_core;

/// A callable as a handler.
template <typename Function>
class function_handler final : public session_handler {
public:
    explicit function_handler(Function function) : function_{std::move(function)} {}
    boost::asio::awaitable<void> run(session session) override { return function_(std::move(session)); }

private:
    Function function_;
};
}  // namespace detail

template <typename Function>
concept session_function = std::copy_constructible<Function> && requires(Function f, session s)
{
    {
        f(std::move(s))
        } -> std::same_as<boost::asio::awaitable<void>>;
};

/// A DTLS server on one or several UDP addresses. It reads nothing before `serve` or the first
/// `async_accept`. Member functions may be called from any thread, but not two at a time. Completion handlers
/// run on their associated executor, by default on the first of the server's own threads, or in a strand of
/// the user's executor.
class server {
public:
    /// On the user's executor; all of the server's work runs in a strand of it. Opens the sockets.
    /// Throws `config_error` with every problem of the configuration, `boost::system::system_error` when an
    /// address cannot be bound, or `std::system_error` when the system gives it no thread.
    server(boost::asio::any_io_executor executor, server_config config);

    /// Owns `config.threads` threads, which run until `stop` is done. Throws as above. The contexts of
    /// executors that completion handlers bring must outlive the server (see `session`). What a completion
    /// handler throws on one of these threads is logged and counted (`metrics::handler_exceptions`), and ends
    /// its session, no other; on the user's executor it comes out of `run()`, as Asio has it.
    explicit server(server_config config);

    /// Stops at once: sessions get a close_notify, their handlers `errc::server_stopped`. On the user's
    /// executor, what is still to be run there keeps alive what it needs.
    ///
    /// Waits for threads of its own, which go on until all handlers have ended, 500 ms at most. A handler
    /// that still waits then, for a timer of another io_context say, or a pool, does not run again. What it
    /// needs stays alive; it is destroyed when what it waits for is done or destroyed, on the thread where
    /// that happens. To be told of the end meanwhile, have it wait for a receive beside
    /// (`asio::experimental::awaitable_operators`).
    ///
    /// On a thread of its own, as within a handler, a completion handler or `session_handler::admit`, it does
    /// not wait: the server stops, and is released soon after that has returned. `log`, `trace` and the
    /// `session_handler` are in use until then.
    ~server();

    server(server&&) noexcept;
    server& operator=(server&&) = delete;

    /// From now on, each session runs in `handler->run`.
    void serve(std::shared_ptr<session_handler> handler);

    /// The same with a callable that is given a `quivive::session` and returns `asio::awaitable<void>`.
    template <session_function Function>
    void serve(Function function)
    {
        serve(std::make_shared<detail::function_handler<Function>>(std::move(function)));
    }

    /// Waits for the next attempt. Completes with `void(error_code, attempt)`: `errc::already_serving` after
    /// `serve`, `errc::server_stopped` after `stop`. Several may wait. Supports total cancellation.
    template <typename CompletionToken>
    auto async_accept(CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, attempt)>(
            [](accept_handler handler, server* self) { self->start_accept(std::move(handler)); }, token,
            this);
    }

    /// Takes another configuration while running. Newcomers meet it at once: cookies and rules, limits and
    /// time-outs, credentials, ALPN and priorities, MTUs, log level. Live sessions and handshakes go on as
    /// they began. `trace` and `log` stay what they were. Throws `config_error` with every problem and has
    /// changed nothing then, also when a file cannot be used. Returns what cannot change while running and
    /// stays as it was (`listen`, `threads`, sizes of buffers), one sentence each. Two calls at a time are
    /// taken one after the other.
    [[nodiscard]] std::vector<std::string> reload(server_config config);

    /// Has memory that ended handshakes and sessions have left free go back to the system, which malloc does
    /// not by itself where something that lives on lies behind it: after a wave of 4 096 handshakes, 80 MB.
    /// Returns at once. The server's threads do it, and those of `handshake_threads`, between other work, in
    /// slices of half a millisecond, 30 ms of CPU for these 80 MB; malloc_trim would keep all threads from
    /// their memory for as long. Nothing is done while less than 1 MiB was freed since the last time, nor
    /// with another C library than glibc. To be called now and then, as the program does each ten seconds.
    void trim_memory();

    /// Refuses newcomers, lets handlers finish until `deadline` from now, then closes what is left (the
    /// handlers see `errc::server_stopped`) and the sockets. Returns at once; a later call can only bring the
    /// deadline forward. Within `session_handler::admit` it refuses that client too.
    void stop(std::chrono::milliseconds deadline = std::chrono::milliseconds{0});

    /// The same, and completes with `void(error_code)` when all is closed. Cancelled, it only stops waiting.
    template <typename CompletionToken>
    auto async_stop(std::chrono::milliseconds deadline, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code)>(
            [](stop_handler handler, server* self, std::chrono::milliseconds within) {
                self->start_stop(within, std::move(handler));
            },
            token, this, deadline);
    }

    /// Takes all sessions that can be exported (`session::async_export`) out of this server and into a file
    /// of `directory`, sealed, for `import_all` of the next process. `session_handler::export_state` is asked
    /// for each. From then on the server stands still: nothing is read, sent, closed or timed out, and what
    /// is asked for meanwhile waits. Completes with `void(error_code, std::size_t)`, their number, when the
    /// file is on the disk: only then do they end here, with `errc::exported` and without a word to their
    /// peers, and the others go on. After an error all go on, and no file is left of which anybody could
    /// import them. When not even that can be made certain (the disk fails while the file is taken back),
    /// those that were copied end with `errc::export_failed`: with a close_notify, unless the file is still
    /// there to be imported. To be followed by `stop`. `errc::no_state` without `server_config::state`,
    /// `errc::operation_in_progress` while another one is on its way, `errc::server_stopped` after `stop`,
    /// `errc::bad_configuration` when what is in the folder of `state` is not to be trusted any more (its
    /// owner or mode has changed, say), which is logged; else the system's error. Cannot be cancelled.
    template <typename CompletionToken>
    auto async_export_all(std::filesystem::path directory, CompletionToken&& token)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [](export_handler handler, server* self, std::filesystem::path to) {
                self->start_export_all(std::move(to), std::move(handler));
            },
            token, this, std::move(directory));
    }

    /// Goes on with an exported session, in the handler of `serve`, which may be called later. The blob is
    /// used up: it is marked in `server_config::state`, on the disk, before the session is used, so that no
    /// process that shares the directory ever takes it again, and no nonce is used twice. `errc::bad_blob`
    /// when it is not what a process with the same directory and secret has sealed, or any byte was changed,
    /// `errc::used_blob`, `errc::expired_blob` after a week, `errc::foreign_blob` when its peer sends to an
    /// address that this server does not listen at (it is not marked then), `errc::no_state`,
    /// `errc::bad_configuration` as in `async_export_all`, or the system's error when the mark cannot be
    /// written. What is wrong only now (its address is taken, there is no room)
    /// is logged, and ends the session.
    [[nodiscard]] error_code import_session(std::span<const std::byte> blob);

    /// What `import_all` has found.
    struct import_result {
        std::size_t imported = 0;  ///< taken and marked; one for which there is no room is logged, and ends
        std::size_t refused = 0;   ///< why, is logged
        error_code error;  ///< the last, of a file that could not be read, marked or removed; all are logged
    };

    /// The same with all files of `async_export_all` in `directory`, which are removed; what they hold for
    /// another server, or under another secret, stays there for a week; not what a former format holds. To be
    /// called before `serve`, so that no peer speaks before its session is there, and when nothing else can
    /// fail: the sessions are used up. Without a directory there is nothing to import.
    import_result import_all(const std::filesystem::path& directory);

    /// Waits until a stopped server that owns its threads has ended. Returns at once on a user's executor.
    /// Throws `std::system_error` (`std::errc::resource_deadlock_would_occur`) on one of these threads.
    void join();

    /// The addresses bound, with their real ports, in the order of `server_config::listen`.
    [[nodiscard]] std::vector<boost::asio::ip::udp::endpoint> local_endpoints() const;

    /// "sha256:<base64>" of the newest certificate's public key, for clients that pin it; empty without a
    /// certificate. The reference is good until the next `reload`.
    [[nodiscard]] const std::string& pin() const noexcept;

    /// What has been counted so far. From any thread at any time; sums over threads are not one moment's.
    [[nodiscard]] quivive::metrics metrics() const;

private:
    using accept_handler = boost::asio::any_completion_handler<void(error_code, attempt)>;
    using export_handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    using stop_handler = boost::asio::any_completion_handler<void(error_code)>;

    void start_accept(accept_handler handler);
    void start_export_all(std::filesystem::path directory, export_handler handler);
    void start_stop(std::chrono::milliseconds deadline, stop_handler handler);

    std::shared_ptr<detail::server_core> core_;
};

}  // namespace quivive
