#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <variant>

namespace quivive::detail {

/// Where all work of one shard, or of one client, runs, one thing at a time: an io_context that one thread of
/// ours runs, or a strand of the user's executor. Copies are the same home, and small: each session has one.
class home {
public:
    explicit home(boost::asio::io_context& own) : state_{std::make_shared<state>(own.get_executor())} {}
    explicit home(boost::asio::any_io_executor users) : home{boost::asio::make_strand(std::move(users))} {}

    /// The system's executor once the home is closed: no thread of ours is left.
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

    /// Whether it is an io_context of ours: nobody but us gets there what a handler throws.
    [[nodiscard]] bool is_ours() const noexcept { return state_->place.index() == 0; }

    /// Runs `work` now when here, or when the home is closed; else posts it.
    template <typename Work>
    void run(Work&& work) const
    {
        if (closed() || here() || !try_to_post(std::forward<Work>(work))) std::forward<Work>(work)();
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

    /// Its io_context is about to be destroyed. No other thread works there any more.
    void close() const noexcept { state_->closed.store(true, std::memory_order_release); }

    /// The same for the thread that has run it and goes now: by `drain()`, which runs what is ready, it does
    /// what came until then, so that nothing is lost and nothing done twice at a time.
    template <typename Drain>
    void close_after(Drain drain) const
    {
        for (int tries = 0;; ++tries) {
            const auto before = state_->posts.load();
            drain();
            const std::unique_lock lock{state_->closing};
            if (state_->posts.load() != before && tries < most_drains) continue;
            return close();
        }
    }

private:
    static constexpr int most_drains = 100;

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
        std::shared_mutex closing;  ///< shared: somebody posts
        std::atomic<std::uint64_t> posts{0};
    };

    [[nodiscard]] bool closed() const noexcept { return state_->closed.load(std::memory_order_acquire); }
    [[nodiscard]] bool here() const noexcept
    {
        return std::visit([](const auto& place) { return place.running_in_this_thread(); }, state_->place);
    }

    /// Leaves `work` alone when the home is closed.
    template <typename Work>
    [[nodiscard]] bool try_to_post(Work&& work) const
    {
        std::shared_lock lock{state_->closing, std::defer_lock};
        if (is_ours()) {  // the user's is closed when its context ends, and then nobody posts there
            lock.lock();
            state_->posts.fetch_add(1, std::memory_order_relaxed);
        }
        if (closed()) return false;
        boost::asio::post(state_->any, std::forward<Work>(work));
        return true;
    }

    std::shared_ptr<state> state_;
};

}  // namespace quivive::detail
