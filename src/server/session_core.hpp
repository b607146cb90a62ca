#pragma once

#include "dispatch/connection.hpp"
#include "quivive/session.hpp"
#include "server/pending_operation.hpp"
#include "server/send_wait_queue.hpp"
#include "server/session_facts.hpp"
#include "server/session_host.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

namespace quivive::runtime {

/// A session as the application holds it: its waiting operations, over an association that a host drives.
///
/// Before the end, everything but `run` and the getters is called on the host's executor. The end of the
/// session is the last event there. Afterwards only the application refers to the core, which has released
/// its host and no longer needs the host's executor. A session may therefore outlive its server.
class session_core final : public dispatch::owner, public std::enable_shared_from_this<session_core> {
public:
    /// `known`: the host's cache, or null. Only the constructor uses it.
    session_core(std::shared_ptr<session_host> host, std::shared_ptr<const session_context> context,
                 std::shared_ptr<sessions::association> association, tls::handshake_facts facts,
                 bool cookie_proven, known_facts* known);

    [[nodiscard]] static session make_handle(std::shared_ptr<session_core> core) noexcept;

    [[nodiscard]] const session_info& info() const { return info_.full(); }
    [[nodiscard]] tls::handshake_facts facts() const { return info_.facts(); }
    [[nodiscard]] bool imported() const noexcept { return info_.imported(); }
    [[nodiscard]] const std::string& cipher_suite() const noexcept { return info_.cipher_suite(); }
    [[nodiscard]] const runtime::shard_executor& executor() const noexcept { return context_->executor; }
    [[nodiscard]] boost::asio::any_io_executor any_executor() const { return executor().any_executor(); }
    [[nodiscard]] const session_context& context() const noexcept { return *context_; }
    /// Runs one of the operations below on the host's executor.
    template <typename Work>
    void run(Work&& work)
    {
        executor().run(std::forward<Work>(work));
    }
    [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }
    /// Returns whether an operation was completed with `code` because the session has ended or was closed on
    /// this side.
    [[nodiscard]] bool has_reported(const error_code& code) const noexcept;
    [[nodiscard]] bool is_open() const noexcept { return open_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t max_message_size() const noexcept { return association_->max_message_size(); }

    enum class operation_kind { receive, send, close };

    /// Makes `work(session_core&, operation)` start an operation of this kind on the host's executor.
    template <typename... Args, typename Work>
    void begin(operation_kind kind, boost::asio::any_completion_handler<void(Args...)> handler, Work work)
    {
        cancel_by(handler, [weak = weak_from_this(), kind] {  // it may have been completed already
            if (const auto self = weak.lock()) self->run([self, kind] { self->stop_waiting(kind); });
        });
        begin(std::move(handler), std::move(work));
    }

    /// Does the same for an operation that cannot be cancelled.
    template <typename... Args, typename Work>
    void begin(boost::asio::any_completion_handler<void(Args...)> handler, Work work)
    {
        run([self = shared_from_this(),
             begun = pending_operation<Args...>{std::move(handler), any_executor()},
             w = std::move(work)]() mutable { w(*self, std::move(begun)); });
    }

    // Operations of the application.
    using sized_operation = pending_operation<error_code, std::size_t>;
    using view_operation = pending_operation<error_code, boost::asio::const_buffer>;
    using close_operation = pending_operation<error_code>;
    using export_operation = pending_operation<error_code, std::vector<std::byte>>;
    void receive(boost::asio::mutable_buffer into, sized_operation begun);
    void receive(view_operation begun);
    void send(boost::asio::const_buffer message, sized_operation begun);
    void close(close_operation begun);
    void confirm_peer(const wire::endpoint& address) noexcept;
    void export_to(wire::bytes application, export_operation begun);
    [[nodiscard]] const wire::path& path() const noexcept { return association_->path(); }
    /// Closes the session because its handle was destroyed.
    void close_handle() noexcept;

    /// Calls an operation's handler. An exception of the handler ends the session on a server's own thread.
    /// On the user's executor it propagates.
    template <typename Completion>
    void call(Completion completion)
    try {
        completion();
    } catch (...) {
        callback_failed(std::current_exception());
    }

    // Events from the host.
    void on_readable() override;
    /// Sends the message that has waited for capacity.
    void on_send_capacity();
    void on_end(error_code why);
    void abort() noexcept override;

private:
    /// State that most sessions never need. Allocated on first use, then kept, so that an idle session has
    /// none of it.
    struct cold_state {
        explicit cold_state(session_core& session) noexcept : waiting{session} {}

        sized_operation receive_into;
        boost::asio::mutable_buffer into;
        waiting_send waiting;  ///< queued while `send_` waits
        close_operation close;
    };

    [[nodiscard]] bool over() const noexcept { return close_category_ != nullptr; }
    /// Returns the error with which the session has ended. Storing an `error_code` would take twice the
    /// memory.
    [[nodiscard]] error_code close_error() const noexcept { return {close_value_, *close_category_}; }
    void set_close_error(const error_code& why) noexcept
    {
        close_value_ = why.value();
        close_category_ = &why.category();
    }

    [[nodiscard]] cold_state& need_cold_state();
    [[nodiscard]] bool waits_to_receive_into() const noexcept
    {
        return cold_state_ && cold_state_->receive_into;
    }
    [[nodiscard]] bool waits_to_close() const noexcept { return cold_state_ && cold_state_->close; }
    /// Posts the call of the completion.
    template <typename Completion>
    void post_completion(Completion completion)
    {
        executor().post_anyway([self = shared_from_this(), done = std::move(completion)]() mutable {
            self->call(std::move(done));
        });
    }
    void callback_failed(const std::exception_ptr& thrown);
    void abort_operations();
    bool begin_receive() noexcept;
    void deliver_to_buffer();
    void deliver_view();
    void send_now(boost::asio::const_buffer message);
    void remove_from_send_queue() noexcept;
    void wake();
    [[nodiscard]] std::optional<error_code> receive_error();
    [[nodiscard]] error_code report_closed_here() noexcept;
    [[nodiscard]] error_code report_close() noexcept;
    void stop_waiting(operation_kind kind);

    std::shared_ptr<const session_context> context_;
    std::shared_ptr<session_host> host_;  ///< null after the end
    std::shared_ptr<sessions::association> association_;
    compact_info info_;
    std::atomic<bool> open_{true};
    std::atomic<bool> ended_{false};
    bool closed_here_ = false;
    bool reported_closed_here_ =
        false;                     ///< an operation has returned that the session was closed on this side
    bool reported_close_ = false;  ///< an operation has returned why the session is over
    int close_value_ = 0;
    const boost::system::error_category* close_category_ = nullptr;  ///< null: not over

    view_operation receive_view_;
    std::unique_ptr<sessions::message> viewed_;
    sized_operation send_;
    std::unique_ptr<cold_state> cold_state_;
};

}  // namespace quivive::runtime
