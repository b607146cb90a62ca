#include "server/acceptor.hpp"

#include "server/attempt_core.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace quivive::runtime {

bool acceptor::has_capacity(dispatch::validation which) const
{
    const std::lock_guard lock{mutex_};
    const bool can_displace = which == dispatch::validation::validated && !unvalidated_.empty();
    return !ended_ && (!accepts_.empty() || waiting() < max_waiting_ || can_displace);
}

void acceptor::limit(std::size_t max_waiting)
{
    const std::lock_guard lock{mutex_};
    max_waiting_ = max_waiting;
}

acceptor::number acceptor::offer(attempt offered, dispatch::validation which)
{
    std::unique_lock lock{mutex_};
    const auto its = next_++;
    if (ended_) {
        lock.unlock();  // the destructor of the attempt refuses it
    } else if (!accepts_.empty()) {
        auto accept = std::move(accepts_.extract(accepts_.begin()).mapped());
        lock.unlock();
        accept.complete_from_any_thread(executor_, {}, std::move(offered));
    } else {
        const bool validated = which == dispatch::validation::validated;
        const bool one_too_many = validated && waiting() >= max_waiting_ && !unvalidated_.empty();
        (validated ? validated_ : unvalidated_).emplace(its, std::move(offered));
        auto displaced = one_too_many ? unvalidated_.extract(unvalidated_.begin()) : queue::node_type{};
        lock.unlock();
        if (displaced) attempt_core::displace(std::move(displaced.mapped()));
    }
    return its;
}

void acceptor::remove(number which)
{
    std::unique_lock lock{mutex_};
    const queue::node_type validated = validated_.extract(which), unvalidated = unvalidated_.extract(which);
    lock.unlock();  // before the extracted attempts are destroyed
}

void acceptor::accept(handler_type handler)
{
    std::unique_lock lock{mutex_};
    if (ended_) {
        const auto why = ended_;
        lock.unlock();
        return complete_at_once(std::move(handler), executor_, why, attempt{});
    }
    if (waiting() > 0) {
        auto& next = validated_.empty() ? unvalidated_ : validated_;
        auto first = std::move(next.extract(next.begin()).mapped());
        lock.unlock();
        return complete_at_once(std::move(handler), executor_, error_code{}, std::move(first));
    }
    const auto which = next_++;
    cancel_by(handler, [weak = weak_from_this(), which] {
        if (const auto self = weak.lock()) self->cancel(which);
    });
    accepts_.try_emplace(which, std::move(handler), executor_.any_executor());
}

void acceptor::cancel(number which)
{
    std::unique_lock lock{mutex_};
    const auto found = accepts_.find(which);
    if (found == accepts_.end()) return;
    auto accept = std::move(found->second);
    accepts_.erase(found);
    lock.unlock();
    accept.complete_from_any_thread(executor_, boost::asio::error::operation_aborted, attempt{});
}

void acceptor::close(error_code why)
{
    std::unique_lock lock{mutex_};
    if (!ended_) ended_ = why;
    auto accepts = std::move(accepts_);
    const auto validated = std::exchange(validated_, {}), unvalidated = std::exchange(unvalidated_, {});
    accepts_.clear();
    lock.unlock();
    for (auto& [key, accept] : accepts) accept.complete_from_any_thread(executor_, why, attempt{});
}

}  // namespace quivive::runtime
