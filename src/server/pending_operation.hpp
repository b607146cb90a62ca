#pragma once

#include "quivive/error.hpp"
#include "server/home.hpp"

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

namespace quivive::detail {

/// The executor that a handler has of its own, kept at work; null when it is the home's, which is most often
/// so, and which the host's sockets keep at work.
using own_executor = std::unique_ptr<const boost::asio::any_completion_executor>;

template <typename Handler>
own_executor own_executor_of(const Handler& handler, const boost::asio::any_io_executor& home)
{
    namespace asio = boost::asio;
    const asio::any_completion_executor homes{home};
    auto associated = asio::get_associated_executor(handler, homes);
    if (associated == homes) return nullptr;
    return std::make_unique<const asio::any_completion_executor>(
        asio::prefer(std::move(associated), asio::execution::outstanding_work.tracked));
}

/// It is too late to cancel the operation, and another one may have begun. To be called where the handler
/// runs, since there its owner emits.
template <typename Handler>
void clear_slot(const Handler& handler) noexcept
{
    if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
}

/// A completion handler with what it shall be called with, on its associated executor.
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

    /// Calls it, inline when its executor allows that. To be called at home.
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
        clear_slot(handler);  // here at the latest
        std::apply(std::move(handler), std::move(args));
    }

    handler_type handler_;
    own_executor executor_;
    std::tuple<Args...> args_;
};

/// Has `cancel` called, on whatever thread, when the operation shall be cancelled. To be called by the
/// initiating function, on its thread, even if the operation begins elsewhere and later: whoever emits may do
/// so at once, and touches the slot without a lock.
template <typename Handler, typename Cancel>
void cancel_by(const Handler& handler, Cancel cancel)
{
    namespace asio = boost::asio;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.assign([cancel = std::move(cancel)](asio::cancellation_type type) {
            if (type != asio::cancellation_type::none) cancel();
        });
}

/// An operation from its initiating function to its completion, in two words: a session has four. It is
/// completed once. From the first on the executor that its handler has of its own is kept at work, so that
/// the thread that runs it does not end before.
template <typename... Args>
class pending_operation {
public:
    using handler_type = boost::asio::any_completion_handler<void(Args...)>;

    /// None.
    pending_operation() = default;
    /// To be made by the initiating function, wherever the operation waits then. `home` is where it is
    /// completed, and the executor of handlers that have none of their own.
    pending_operation(handler_type handler, const boost::asio::any_io_executor& home)
        : handler_{std::move(handler)}, executor_{own_executor_of(handler_, home)}
    {
    }
    pending_operation(pending_operation&&) noexcept = default;
    /// Precondition: it is none.
    pending_operation& operator=(pending_operation&& begun) noexcept
    {
        handler_.swap(begun.handler_);  // its move assignment does not end in Boost 1.81
        executor_.swap(begun.executor_);
        return *this;
    }
    ~pending_operation() = default;

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    /// Completes it inline when its executor allows that: to be called at home, and not from an initiating
    /// function.
    void complete(Args... args) { take(std::move(args)...)(); }

    /// Completes it in a turn of its own. To be called at home.
    void complete_later(const home& where, Args... args) { where.post_anyway(take(std::move(args)...)); }

    /// The same on any thread, for one that has waited: when the home is closed the handler is destroyed,
    /// uncalled, as are those that its context holds. It may still be cancelled until it is called, which
    /// must find it gone.
    void complete_from_afar(const home& where, Args... args) { where.post(release(std::move(args)...)); }

    /// Ends the wait; whoever takes the completion calls it. To be called at home.
    [[nodiscard]] bound_completion<Args...> take(Args... args)
    {
        if (!executor_) clear_slot(handler_);
        return release(std::move(args)...);
    }

    /// Destroys the handler, uncalled.
    void drop() noexcept
    {
        handler_type dropped;
        dropped.swap(handler_);
        executor_.reset();
    }

private:
    [[nodiscard]] bound_completion<Args...> release(Args... args)
    {
        return {std::exchange(handler_, nullptr), std::exchange(executor_, {}), std::move(args)...};
    }

    handler_type handler_;
    own_executor executor_;
};

/// Completes an operation that need not wait: not from within its initiating function, but after it.
template <typename... Args>
void complete_at_once(boost::asio::any_completion_handler<void(Args...)> handler, const home& where,
                      std::type_identity_t<Args>... args)
{
    pending_operation<Args...>{std::move(handler), where.executor()}.complete_later(where,
                                                                                    std::move(args)...);
}

/// The same for one of no session, no attempt and no server.
template <typename... Args>
void complete_at_once(boost::asio::any_completion_handler<void(Args...)> handler,
                      const boost::asio::any_io_executor& executor, std::type_identity_t<Args>... args)
{
    boost::asio::post(executor,
                      pending_operation<Args...>{std::move(handler), executor}.take(std::move(args)...));
}

}  // namespace quivive::detail
