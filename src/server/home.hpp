#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

#include <atomic>
#include <memory>
#include <utility>
#include <variant>

namespace quivive::detail {

/// Where all work of one shard, or of one client, runs, one thing at a time: an io_context that one thread of
/// ours runs, or a strand of the user's executor. Copies are the same home, and small: each session has one.
class home {
public:
    explicit home(boost::asio::io_context& own) : state_{std::make_shared<state>(own.get_executor())} {}
    explicit home(boost::asio::any_io_executor users) : home{boost::asio::make_strand(std::move(users))} {}

    /// The system's executor once the home is closed.
    [[nodiscard]] boost::asio::any_io_executor executor() const
    {
        if (closed()) return boost::asio::system_executor{};
        return state_->any;
    }

    /// Where the executor's services live. Precondition: not closed.
    [[nodiscard]] boost::asio::execution_context& context() const
    {
        return boost::asio::query(state_->any, boost::asio::execution::context);
    }

    /// Runs `work` now when here, or when the home is closed; else posts it.
    template <typename Work>
    void run(Work&& work) const
    {
        if (closed() || here())
            std::forward<Work>(work)();
        else
            boost::asio::post(state_->any, std::forward<Work>(work));
    }

    /// Runs `work` there later, never now; nowhere when the home is closed.
    template <typename Work>
    void post(Work&& work) const
    {
        if (!closed()) boost::asio::post(state_->any, std::forward<Work>(work));
    }

    /// Its io_context is about to be destroyed. No other thread works there any more.
    void close() const noexcept { state_->closed.store(true, std::memory_order_release); }

private:
    using strand = boost::asio::strand<boost::asio::any_io_executor>;
    explicit home(strand users) : state_{std::make_shared<state>(std::move(users))} {}

    struct state {
        template <typename Executor>
        explicit state(Executor where) : place{where}, any{where}
        {
        }

        std::variant<boost::asio::io_context::executor_type, strand> place;
        boost::asio::any_io_executor any;
        std::atomic<bool> closed{false};
    };

    [[nodiscard]] bool closed() const noexcept { return state_->closed.load(std::memory_order_acquire); }
    [[nodiscard]] bool here() const noexcept
    {
        return std::visit([](const auto& place) { return place.running_in_this_thread(); }, state_->place);
    }

    std::shared_ptr<state> state_;
};

}  // namespace quivive::detail
