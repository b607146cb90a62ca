#include "server/acceptor.hpp"

#include "server/attempt_core.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace quivive::detail {

bool acceptor::has_room(dispatch::standing which) const
{
    const std::lock_guard lock{mutex_};
    const bool makes_room = which == dispatch::standing::proven && !in_doubt_.empty();
    return !ended_ && (!accepts_.empty() || waiting() < max_waiting_ || makes_room);
}

void acceptor::limit(std::size_t max_waiting)
{
    const std::lock_guard lock{mutex_};
    max_waiting_ = max_waiting;
}

acceptor::number acceptor::offer(attempt newcomer, dispatch::standing which)
{
    std::unique_lock lock{mutex_};
    const auto its = next_++;
    if (ended_) {
        lock.unlock();  // the destructor of the attempt refuses it
    } else if (!accepts_.empty()) {
        auto accept = std::move(accepts_.extract(accepts_.begin()).mapped());
        lock.unlock();
        accept.complete_from_afar(home_, {}, std::move(newcomer));
    } else {
        const bool proven = which == dispatch::standing::proven;
        const bool one_too_many = proven && waiting() >= max_waiting_ && !in_doubt_.empty();
        (proven ? proven_ : in_doubt_).emplace(its, std::move(newcomer));
        auto displaced = one_too_many ? in_doubt_.extract(in_doubt_.begin()) : line::node_type{};
        lock.unlock();
        if (displaced) attempt_core::displace(std::move(displaced.mapped()));
    }
    return its;
}

void acceptor::withdraw(number which)
{
    std::unique_lock lock{mutex_};
    const line::node_type proven = proven_.extract(which), in_doubt = in_doubt_.extract(which);
    lock.unlock();  // before the extracted attempts are destroyed
}

void acceptor::accept(handler_type handler)
{
    std::unique_lock lock{mutex_};
    if (ended_) {
        const auto why = ended_;
        lock.unlock();
        return complete_at_once(std::move(handler), home_, why, attempt{});
    }
    if (waiting() > 0) {
        auto& next = proven_.empty() ? in_doubt_ : proven_;
        auto first = std::move(next.extract(next.begin()).mapped());
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
    const auto proven = std::exchange(proven_, {}), in_doubt = std::exchange(in_doubt_, {});
    accepts_.clear();
    lock.unlock();
    for (auto& [key, accept] : accepts) accept.complete_from_afar(home_, why, attempt{});
}

}  // namespace quivive::detail
