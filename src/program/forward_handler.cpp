#include "program/forward_handler.hpp"

#include "program/forward_link.hpp"

#include <utility>

namespace quivive::program {

forward_handler::forward_handler(const forward_rule& rule, log_sink log)
    : rule_{rule.to, rule.idle_timeout}, service_{std::make_shared<forward_service>(std::move(log))}
{
}

// Not a coroutine itself: its frame would exist as long as the session.
boost::asio::awaitable<void> forward_handler::run(session session)
{
    const auto [to, idle_timeout] = current();
    return forward_link::run(std::make_shared<forward_link>(std::move(session), service_, idle_timeout), to);
}

void forward_handler::use(const forward_rule& rule)
{
    const std::lock_guard lock{mutex_};
    rule_ = {rule.to, rule.idle_timeout};
}

forward_handler::running_rule forward_handler::current() const
{
    const std::lock_guard lock{mutex_};
    return rule_;
}

}  // namespace quivive::program
