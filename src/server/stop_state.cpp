#include "server/stop_state.hpp"

#include <boost/asio/error.hpp>

namespace quivive::runtime {

bool stop_state::begin()
{
    const std::lock_guard lock{mutex_};
    return !std::exchange(begun_, true);
}

void stop_state::wait(boost::asio::any_completion_handler<void(error_code)> handler)
{
    std::unique_lock lock{mutex_};
    if (running_ == 0) {
        lock.unlock();
        return complete_at_once(std::move(handler), executor_, error_code{});
    }
    const auto which = next_++;
    cancel_by(handler, [weak = weak_from_this(), which] {
        if (const auto self = weak.lock()) self->cancel(which);
    });
    waits_.try_emplace(which, std::move(handler), executor_.any_executor());
}

bool stop_state::shard_stopped()
{
    std::unique_lock lock{mutex_};
    if (--running_ > 0) return false;
    auto waits = std::exchange(waits_, {});
    lock.unlock();
    for (auto& [key, wait] : waits) wait.complete_from_any_thread(executor_, error_code{});
    return true;
}

void stop_state::cancel(number which)
{
    std::unique_lock lock{mutex_};
    const auto found = waits_.find(which);
    if (found == waits_.end()) return;
    auto wait = std::move(found->second);
    waits_.erase(found);
    lock.unlock();
    wait.complete_from_any_thread(executor_, boost::asio::error::operation_aborted);
}

}  // namespace quivive::runtime
