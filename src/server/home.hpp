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

namespace quivive::detail {

/// Where all work of one shard, or of one client, runs, one thing at a time: an io_context that one thread of
/// ours runs, or a strand of the user's executor. Copies are the same home, and small: each session has one.
class home {
public:
    explicit home(own_context& own) : state_{std::make_shared<state>(own)} {}
    explicit home(const boost::asio::any_io_executor& users) : state_{at(users)} {}

    /// The system's executor once the home is closed: no thread of ours is left.
    [[nodiscard]] boost::asio::any_io_executor executor() const
    {
        if (closed()) return boost::asio::system_executor{};
        return state_->any;
    }

    /// For what belongs to the home itself and goes before it: sockets, timers.
    [[nodiscard]] boost::asio::any_io_executor inner_executor() const
    {
        if (state_->own != nullptr) return state_->own->get_executor();
        return state_->any;
    }

    /// Where the executor's services live. Precondition: not closed.
    [[nodiscard]] boost::asio::execution_context& context() const
    {
        return boost::asio::query(state_->any, boost::asio::execution::context);
    }

    /// Whether a thread of ours runs it: nobody but us gets there what a handler throws.
    [[nodiscard]] bool is_ours() const noexcept { return state_->own != nullptr; }

    /// Runs `work` now when here, or when the home is closed; else posts it.
    template <typename Work>
    void run(Work&& work) const
    {
        if (here() || !try_to_post(std::forward<Work>(work))) std::forward<Work>(work)();
    }

    /// The same, but nowhere when the home is closed.
    template <typename Work>
    void run_unless_closed(Work&& work) const
    {
        if (here())
            std::forward<Work>(work)();
        else
            post(std::forward<Work>(work));
    }

    /// Runs `work` there later, never now; nowhere when the home is closed.
    template <typename Work>
    void post(Work&& work) const
    {
        (void)try_to_post(std::forward<Work>(work));
    }

    /// Runs `completion` later, on the system's executor when the home is closed.
    template <typename Completion>
    void post_anyway(Completion&& completion) const
    {
        if (!try_to_post(std::forward<Completion>(completion)))
            boost::asio::post(boost::asio::system_executor{}, std::forward<Completion>(completion));
    }

    /// The user's io_context is about to be destroyed, and nobody posts there any more. One of ours is closed
    /// by its own end. A strand must not outlive its io_context, as a session may.
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

        own_context* own = nullptr;          ///< which `any` keeps alive; null: the user's executor
        std::optional<strand> users_strand;  ///< without an `own`
        boost::asio::any_io_executor any;
        std::atomic<bool> closed{false};  ///< of the user's
    };

    /// A client's may be a thread of a server of ours, whose end is the same for both.
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
    [[nodiscard]] bool here() const noexcept
    {
        if (state_->own != nullptr) return state_->own->runs_here();
        return !closed() && state_->users_strand->running_in_this_thread();
    }

    /// Leaves `work` alone when the home is closed.
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

}  // namespace quivive::detail
