#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace quivive::runtime {

/// A section of code that several threads may run at a time until it is closed. After `close` no thread is in
/// it, and none can enter.
class closable_section {
public:
    /// Returns false when the section is closed. After true, `exit` must follow.
    [[nodiscard]] bool enter() noexcept
    {
        if ((state_.fetch_add(one_within, std::memory_order_acq_rel) & is_closed) == 0) return true;
        state_.fetch_sub(one_within, std::memory_order_release);
        return false;
    }
    void exit() noexcept { state_.fetch_add(one_passed - one_within, std::memory_order_release); }

    /// Returns how many calls have entered and left, as the argument of `close_if`.
    [[nodiscard]] std::uint64_t passed() const noexcept
    {
        return state_.load(std::memory_order_acquire) / one_passed;
    }
    /// Closes the section if no thread is inside and none has passed since `passed` was read.
    [[nodiscard]] bool close_if(std::uint64_t passed) noexcept
    {
        auto expected = passed * one_passed;
        return state_.compare_exchange_strong(expected, expected | is_closed, std::memory_order_acq_rel);
    }
    /// Closes the section and waits for the threads inside.
    void close() noexcept;
    [[nodiscard]] bool closed() const noexcept
    {
        return (state_.load(std::memory_order_acquire) & is_closed) != 0;
    }

private:
    static constexpr std::uint64_t is_closed = 1, one_within = 2, one_passed = std::uint64_t{1} << 24;
    std::atomic<std::uint64_t> state_{0};
};

template <typename Inner>
class owning_executor;

/// The io_context of one thread of the server. Its executors share ownership of it. Work that returns from
/// elsewhere, such as a timer or a thread pool of the application, therefore finds the context still in
/// memory. Once the thread has ended, such work is destroyed instead of run.
class own_context : public boost::asio::io_context, public boost::intrusive_ref_counter<own_context> {
public:
    using owning_executor_type = owning_executor<executor_type>;

    own_context() : io_context{1} {}

    /// Returns an executor that shares ownership. Executors of `get_executor` do not; they are for objects
    /// destroyed before the context.
    [[nodiscard]] owning_executor_type owning() noexcept;
    [[nodiscard]] bool runs_here() noexcept { return get_executor().running_in_this_thread(); }
    [[nodiscard]] bool ended() const noexcept { return posting_.closed(); }

    /// Calls `post()`, which posts work to the io_context. Returns false, without the call, when the context
    /// has ended.
    template <typename Post>
    bool unless_ended(Post&& post)
    {
        if (runs_here()) return std::forward<Post>(post)(), true;  // on its own thread it has not ended
        if (!posting_.enter()) return false;
        const exiting at_return{posting_};
        std::forward<Post>(post)();
        return true;
    }

    /// Runs the context on the calling thread until `stop`. Then runs remaining work for at most
    /// `linger`, and returns earlier if none is left. Afterwards nothing runs here, and waiting work is
    /// destroyed. Calls `failed` in a `catch (...)` handler when a handler has thrown, and continues.
    void run_until_stopped(std::chrono::milliseconds linger, const std::function<void()>& failed) noexcept;

    /// Ends a context that has no thread.
    void close() noexcept;

private:
    struct exiting {
        closable_section& of;
        explicit exiting(closable_section& e) noexcept : of{e} {}
        ~exiting() { of.exit(); }
        exiting(const exiting&) = delete;
        exiting& operator=(const exiting&) = delete;
    };

    closable_section posting_;
};

/// An executor that keeps its `own_context` alive. It has the size of two pointers, so that `any_io_executor`
/// stores it without an allocation. A waiting session has several of these.
template <typename Inner>
class owning_executor {
public:
    owning_executor(boost::intrusive_ptr<own_context> context, Inner inner) noexcept
        : context_{std::move(context)}, inner_{std::move(inner)}
    {
    }

    // intrusive_ptr does not declare its copies noexcept, which Asio requires of an executor.
    owning_executor(const owning_executor&) noexcept = default;
    owning_executor(owning_executor&&) noexcept = default;
    owning_executor& operator=(const owning_executor&) noexcept = default;
    owning_executor& operator=(owning_executor&&) noexcept = default;
    ~owning_executor() = default;

    [[nodiscard]] own_context& owner() const noexcept { return *context_; }

    template <typename Property>
    requires boost::asio::can_query_v<const Inner&, Property>
    [[nodiscard]] decltype(auto) query(const Property& property) const
        noexcept(boost::asio::is_nothrow_query_v<const Inner&, Property>)
    {
        return boost::asio::query(inner_, property);
    }

    template <typename Property>
    requires boost::asio::can_require_v<const Inner&, Property>
    [[nodiscard]] auto require(const Property& property) const
        noexcept(boost::asio::is_nothrow_require_v<const Inner&, Property>)
    {
        using required = std::decay_t<decltype(boost::asio::require(inner_, property))>;
        return owning_executor<required>{context_, boost::asio::require(inner_, property)};
    }

    template <typename Function>
    void execute(Function&& function) const
    {
        // `function` may hold the last other reference to the context.
        const auto keep = context_;
        (void)keep->unless_ended([&] { inner_.execute(std::forward<Function>(function)); });
    }

    friend bool operator==(const owning_executor& a, const owning_executor& b) noexcept
    {
        return a.inner_ == b.inner_;
    }
    friend bool operator!=(const owning_executor& a, const owning_executor& b) noexcept { return !(a == b); }

private:
    boost::intrusive_ptr<own_context> context_;
    Inner inner_;
};

static_assert(sizeof(own_context::owning_executor_type) <= 2 * sizeof(void*));

inline own_context::owning_executor_type own_context::owning() noexcept { return {this, get_executor()}; }

}  // namespace quivive::runtime
