#include "server/acceptor.hpp"

#include <boost/asio/error.hpp>

namespace quivive::detail {

bool acceptor::has_room() const
{
    const std::lock_guard lock{mutex_};
    return !ended_ && (!accepts_.empty() || attempts_.size() < max_waiting_);
}

void acceptor::limit(std::size_t max_waiting)
{
    const std::lock_guard lock{mutex_};
    max_waiting_ = max_waiting;
}

void acceptor::offer(attempt newcomer)
{
    std::unique_lock lock{mutex_};
    if (ended_) {
        lock.unlock();  // the attempt refuses itself
    } else if (accepts_.empty()) {
        attempts_.push_back(std::move(newcomer));
    } else {
        auto accept = std::move(accepts_.extract(accepts_.begin()).mapped());
        lock.unlock();
        accept.complete_from_afar(home_, {}, std::move(newcomer));
    }
}

void acceptor::accept(handler_type handler)
{
    std::unique_lock lock{mutex_};
    if (ended_) {
        const auto why = ended_;
        lock.unlock();
        return complete_at_once(std::move(handler), home_, why, attempt{});
    }
    if (!attempts_.empty()) {
        auto first = std::move(attempts_.front());
        attempts_.pop_front();
        lock.unlock();
        return complete_at_once(std::move(handler), home_, error_code{}, std::move(first));
    }
    const auto which = next_++;
    cancel_by(handler, [weak = weak_from_this(), which] {
        if (const auto self = weak.lock()) self->cancel(which);
    });
    accepts_.try_emplace(which, std::move(handler), home_.executor());
}

void acceptor::cancel(number which)
{
    std::unique_lock lock{mutex_};
    const auto found = accepts_.find(which);
    if (found == accepts_.end()) return;
    auto accept = std::move(found->second);
    accepts_.erase(found);
    lock.unlock();
    accept.complete_from_afar(home_, boost::asio::error::operation_aborted, attempt{});
}

void acceptor::end(error_code why)
{
    std::unique_lock lock{mutex_};
    if (!ended_) ended_ = why;
    auto accepts = std::move(accepts_);
    auto attempts = std::move(attempts_);
    accepts_.clear();
    attempts_.clear();
    lock.unlock();
    for (auto& [key, accept] : accepts) accept.complete_from_afar(home_, why, attempt{});
}

}  // namespace quivive::detail
