#pragma once

#include "quivive/error.hpp"
#include "server/shard_executor.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quivive::runtime {

/// Executor associated with a handler, with outstanding work tracked. Null in the common case, where it is
/// the shard's executor: the sockets provide outstanding work there.
using own_executor = std::unique_ptr<const boost::asio::any_completion_executor>;

template <typename Handler>
own_executor own_executor_of(const Handler& handler, const boost::asio::any_io_executor& executor)
{
    namespace asio = boost::asio;
    const asio::any_completion_executor default_executor{executor};
    auto associated = asio::get_associated_executor(handler, default_executor);
    if (associated == default_executor) return nullptr;
    return std::make_unique<const asio::any_completion_executor>(
        asio::prefer(std::move(associated), asio::execution::outstanding_work.tracked));
}

/// Clears the cancellation slot. The operation can no longer be cancelled, and another operation may use the
/// slot. Call where the handler runs, since its owner emits there.
template <typename Handler>
void clear_slot(const Handler& handler) noexcept
{
    if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
}

/// A completion handler with its arguments and its associated executor.
template <typename... Args>
class bound_completion {
public:
    using handler_type = boost::asio::any_completion_handler<void(Args...)>;

    bound_completion() = default;
    bound_completion(handler_type handler, own_executor executor, Args... args)
        : handler_{std::move(handler)}, executor_{std::move(executor)}, args_{std::move(args)...}
    {
    }

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    /// Calls the handler, inline when its executor allows that. Call on the shard's executor.
    void operator()()
    {
        if (!executor_) return call(std::move(handler_), std::move(args_));
        boost::asio::dispatch(*executor_, [h = std::move(handler_), a = std::move(args_)]() mutable {
            call(std::move(h), std::move(a));
        });
    }

private:
    static void call(handler_type handler, std::tuple<Args...> args)
    {
        clear_slot(handler);  // the last place to clear it
        std::apply(std::move(handler), std::move(args));
    }

    handler_type handler_;
    own_executor executor_;
    std::tuple<Args...> args_;
};

/// Makes cancellation call `cancel`, on whichever thread emits. Call from the initiating function, on its
/// thread, even if the operation starts elsewhere and later. The caller may emit at once, and slots are not
/// locked.
template <typename Handler, typename Cancel>
void cancel_by(const Handler& handler, Cancel cancel)
{
    namespace asio = boost::asio;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.assign([cancel = std::move(cancel)](asio::cancellation_type type) {
            if (type != asio::cancellation_type::none) cancel();
        });
}

/// An operation from its initiating function to its completion, completed once. It has the size of two
/// pointers, since a session has four. An associated executor of the handler has outstanding work from the
/// start, so that its thread does not end earlier.
template <typename... Args>
class pending_operation {
public:
    using handler_type = boost::asio::any_completion_handler<void(Args...)>;

    /// Makes an empty operation.
    pending_operation() = default;
    /// Call in the initiating function, wherever the operation waits later. `executor`: executor of the
    /// completion, and default executor of the handler.
    pending_operation(handler_type handler, const boost::asio::any_io_executor& executor)
        : handler_{std::move(handler)}, executor_{own_executor_of(handler_, executor)}
    {
    }
    pending_operation(pending_operation&&) noexcept = default;
    /// Precondition: this operation is empty.
    pending_operation& operator=(pending_operation&& begun) noexcept
    {
        handler_.swap(begun.handler_);  // its move assignment never returns in Boost 1.81
        executor_.swap(begun.executor_);
        return *this;
    }
    ~pending_operation() = default;

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    /// Completes the operation, inline when its executor allows that. Call on the shard's executor, and not
    /// from an initiating function.
    void complete(Args... args) { take(std::move(args)...)(); }

    /// Posts the completion. Call on the shard's executor.
    void complete_later(const shard_executor& executor, Args... args)
    {
        executor.post_anyway(take(std::move(args)...));
    }

    /// Posts the completion from any thread, for an operation that has waited. When the executor is closed,
    /// the handler is destroyed without a call, like the handlers in its context. Cancellation may still be
    /// requested until the handler runs, and must then find no operation.
    void complete_from_any_thread(const shard_executor& executor, Args... args)
    {
        executor.post(bind(std::move(args)...));
    }

    /// Ends the wait and returns the completion, which the caller must call. Call on the shard's executor.
    [[nodiscard]] bound_completion<Args...> take(Args... args)
    {
        if (!executor_) clear_slot(handler_);
        return bind(std::move(args)...);
    }

    /// Destroys the handler without calling it.
    void discard() noexcept
    {
        handler_type dropped;
        dropped.swap(handler_);
        executor_.reset();
    }

private:
    [[nodiscard]] bound_completion<Args...> bind(Args... args)
    {
        return {std::exchange(handler_, nullptr), std::exchange(executor_, {}), std::move(args)...};
    }

    handler_type handler_;
    own_executor executor_;
};

/// Completes an operation that need not wait, after its initiating function has returned.
template <typename... Args>
void complete_at_once(boost::asio::any_completion_handler<void(Args...)> handler,
                      const shard_executor& executor, std::type_identity_t<Args>... args)
{
    pending_operation<Args...>{std::move(handler), executor.any_executor()}.complete_later(
        executor, std::move(args)...);
}

/// Does the same for an empty session, attempt or server handle.
template <typename... Args>
void complete_at_once(boost::asio::any_completion_handler<void(Args...)> handler,
                      const boost::asio::any_io_executor& executor, std::type_identity_t<Args>... args)
{
    boost::asio::post(executor,
                      pending_operation<Args...>{std::move(handler), executor}.take(std::move(args)...));
}

}  // namespace quivive::runtime
