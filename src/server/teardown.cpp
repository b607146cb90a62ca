#include "server/teardown.hpp"

#include "server/session_host.hpp"

#include <algorithm>
#include <utility>

namespace quivive::runtime {

void teardown::watch(boost::asio::execution_context& context, const std::shared_ptr<session_host>& host)
{
    boost::asio::use_service<teardown>(context).add(host);
}

void teardown::add(const std::shared_ptr<session_host>& host)
{
    const std::lock_guard lock{mutex_};
    if (hosts_.size() >= clean_at_) {
        std::erase_if(hosts_, [](const auto& known) { return known.expired(); });
        clean_at_ = std::max<std::size_t>(64, 2 * hosts_.size());
    }
    hosts_.push_back(host);
}

void teardown::abort(boost::asio::execution_context& context) noexcept
{
    if (boost::asio::has_service<teardown>(context)) boost::asio::use_service<teardown>(context).shutdown();
}

void teardown::shutdown() noexcept
{
    std::vector<std::shared_ptr<session_host>> alive;
    std::unique_lock lock{mutex_};
    for (const auto& known : std::exchange(hosts_, {}))
        if (auto host = known.lock()) alive.push_back(std::move(host));
    lock.unlock();
    for (const auto& host : alive) host->abort();
    for (const auto& host : alive) host->executor().close();  // sessions may outlive the executor
}

}  // namespace quivive::runtime
