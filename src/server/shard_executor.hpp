#pragma once

#include "server/own_context.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace quivive::runtime {

/// Executor of all work of one shard or one client, which never runs concurrently. It is an io_context with
/// one thread of the server, or a strand of the user's executor. Copies refer to the same executor and are
/// small, since each session has one.
class shard_executor {
public:
    explicit shard_executor(own_context& own) : state_{std::make_shared<state>(own)} {}
    explicit shard_executor(const boost::asio::any_io_executor& users) : state_{at(users)} {}

    /// Returns the system executor once this one is closed, since the server's threads have then ended.
    [[nodiscard]] boost::asio::any_io_executor any_executor() const
    {
        if (closed()) return boost::asio::system_executor{};
        return state_->any;
    }

    /// For sockets and timers, which belong to the executor and are destroyed before it.
    [[nodiscard]] boost::asio::any_io_executor io_executor() const
    {
        if (state_->own != nullptr) return state_->own->get_executor();
        return state_->any;
    }

    /// Returns the execution context, which contains the executor's services. Precondition: not closed.
    [[nodiscard]] boost::asio::execution_context& context() const
    {
        return boost::asio::query(state_->any, boost::asio::execution::context);
    }

    /// Returns whether a thread of the server runs it. Exceptions of handlers then reach only the server.
    [[nodiscard]] bool has_own_thread() const noexcept { return state_->own != nullptr; }

    /// Runs `work` now on this executor or when it is closed; otherwise posts it.
    template <typename Work>
    void run(Work&& work) const
    {
        if (running_in_this_thread() || !try_to_post(std::forward<Work>(work))) std::forward<Work>(work)();
    }

    /// Does the same, but does nothing when the executor is closed.
    template <typename Work>
    void run_unless_closed(Work&& work) const
    {
        if (running_in_this_thread())
            std::forward<Work>(work)();
        else
            post(std::forward<Work>(work));
    }

    /// Posts `work`; does nothing once closed.
    template <typename Work>
    void post(Work&& work) const
    {
        (void)try_to_post(std::forward<Work>(work));
    }

    /// Posts `completion`, to the system executor when this one is closed.
    template <typename Completion>
    void post_anyway(Completion&& completion) const
    {
        if (!try_to_post(std::forward<Completion>(completion)))
            boost::asio::post(boost::asio::system_executor{}, std::forward<Completion>(completion));
    }

    /// Closes the executor because the user's io_context is about to be destroyed. No other thread posts
    /// there any more. Releases the strand, which must not outlive its io_context as a session may. A
    /// server's own context closes when its thread ends.
    void close() const noexcept
    {
        state_->closed.store(true, std::memory_order_release);
        if (state_->own != nullptr) return;
        state_->any = nullptr;
        state_->users_strand.reset();
    }

private:
    using strand = boost::asio::strand<boost::asio::any_io_executor>;

    struct state {
        explicit state(own_context& o) : own{&o}, any{o.owning()} {}
        explicit state(const boost::asio::any_io_executor& users)
            : users_strand{boost::asio::make_strand(users)}, any{*users_strand}
        {
        }

        own_context* own = nullptr;          ///< kept alive by `any`; null: the user's executor
        std::optional<strand> users_strand;  ///< empty with an `own` context
        boost::asio::any_io_executor any;
        std::atomic<bool> closed{false};  ///< used only with the user's executor
    };

    /// A client may run on a server's own thread. It then shares that thread's end.
    [[nodiscard]] static std::shared_ptr<state> at(const boost::asio::any_io_executor& users)
    {
        if (const auto* const ours = users.target<own_context::owning_executor_type>())
            return std::make_shared<state>(ours->owner());
        return std::make_shared<state>(users);
    }
    [[nodiscard]] bool closed() const noexcept
    {
        return state_->own != nullptr ? state_->own->ended() : state_->closed.load(std::memory_order_acquire);
    }
    [[nodiscard]] bool running_in_this_thread() const noexcept
    {
        if (state_->own != nullptr) return state_->own->runs_here();
        return !closed() && state_->users_strand->running_in_this_thread();
    }

    /// Posts `work`. Returns false, without moving from `work`, when the executor is closed.
    template <typename Work>
    [[nodiscard]] bool try_to_post(Work&& work) const
    {
        if (state_->own != nullptr)
            return state_->own->unless_ended(
                [&] { boost::asio::post(state_->own->get_executor(), std::forward<Work>(work)); });
        if (closed()) return false;
        boost::asio::post(*state_->users_strand, std::forward<Work>(work));
        return true;
    }

    std::shared_ptr<state> state_;
};

}  // namespace quivive::runtime
