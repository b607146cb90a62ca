#pragma once

#include "quivive/error.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace quivive::detail {

/// A completion handler with what it shall be called with, on its associated executor.
template <typename... Args>
class bound_completion {
public:
    using handler_type = boost::asio::any_completion_handler<void(Args...)>;

    bound_completion() = default;
    bound_completion(handler_type handler, boost::asio::any_completion_executor executor, Args... args)
        : handler_{std::move(handler)}, executor_{std::move(executor)}, args_{std::move(args)...}
    {
    }

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    /// Calls it, inline when its executor allows that.
    void operator()()
    {
        boost::asio::dispatch(executor_, [h = std::move(handler_), a = std::move(args_)]() mutable {
            // Only here, where the handler's owner also emits, may its slot be touched.
            if (auto slot = boost::asio::get_associated_cancellation_slot(h); slot.is_connected())
                slot.clear();
            std::apply(std::move(h), std::move(a));
        });
    }

private:
    handler_type handler_;
    boost::asio::any_completion_executor executor_;
    std::tuple<Args...> args_;
};

/// Completes an operation that need not wait: not from within its initiating function, but after it.
template <typename... Args>
void complete_at_once(boost::asio::any_completion_handler<void(Args...)> handler,
                      const boost::asio::any_io_executor& home, std::type_identity_t<Args>... args)
{
    boost::asio::any_completion_executor executor =
        boost::asio::get_associated_executor(handler, boost::asio::any_completion_executor{home});
    boost::asio::post(home,
                      bound_completion<Args...>{std::move(handler), std::move(executor), std::move(args)...});
}

/// An operation that waits: it keeps its handler's executor at work meanwhile, and is completed once.
template <typename... Args>
class pending_operation {
public:
    using handler_type = boost::asio::any_completion_handler<void(Args...)>;

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    /// Begins to wait. `home` is where it is completed, and the executor of handlers that have none of their
    /// own. `cancel` is called, on whatever thread, when the operation shall be cancelled.
    template <typename Cancel>
    void wait(handler_type handler, const boost::asio::any_io_executor& home, Cancel cancel)
    {
        namespace asio = boost::asio;
        handler_.swap(handler);  // its move assignment does not end in Boost 1.81
        executor_ = asio::prefer(asio::get_associated_executor(handler_, asio::any_completion_executor{home}),
                                 asio::execution::outstanding_work.tracked);
        if (auto slot = asio::get_associated_cancellation_slot(handler_); slot.is_connected())
            slot.assign([cancel = std::move(cancel)](asio::cancellation_type type) {
                if (type != asio::cancellation_type::none) cancel();
            });
    }

    /// Completes it inline when its executor allows that: not to be called from an initiating function.
    void complete(Args... args) { take(std::move(args)...)(); }

    /// Completes it in a turn of its own.
    void complete_later(const boost::asio::any_io_executor& home, Args... args)
    {
        boost::asio::post(home, take(std::move(args)...));
    }

    /// Ends the wait; whoever takes the completion calls it.
    [[nodiscard]] bound_completion<Args...> take(Args... args)
    {
        if (auto slot = boost::asio::get_associated_cancellation_slot(handler_); slot.is_connected())
            slot.clear();
        return {std::exchange(handler_, nullptr), std::exchange(executor_, {}), std::move(args)...};
    }

    /// Destroys the handler, uncalled.
    void drop() noexcept
    {
        handler_type dropped;
        dropped.swap(handler_);
        executor_ = {};
    }

private:
    handler_type handler_;
    boost::asio::any_completion_executor executor_;
};

}  // namespace quivive::detail
