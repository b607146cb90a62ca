#include "server/handshake_pool.hpp"

#include "server/cpu_meter.hpp"
#include "server/free_pages.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace quivive::runtime {

handshake_pool::handshake_pool(std::size_t threads, std::size_t max_waiting)
    : max_waiting_{max_waiting}, max_unvalidated_{std::max<std::size_t>(threads, 2) - 1}
{
    try {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (...) {
        stop();
        throw;
    }
}

void handshake_pool::stop() noexcept
{
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
    }
    work_available_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
    for (auto& queue : queues_) queue.clear();
    waiting_validated_ = waiting_unvalidated_ = 0;
}

bool handshake_pool::runs_here() const noexcept
{
    const auto running_in_this_thread = std::this_thread::get_id();
    return std::ranges::any_of(threads_,
                               [&](const auto& thread) { return thread.get_id() == running_in_this_thread; });
}

std::unique_ptr<dispatch::handshake_step> handshake_pool::take(std::unique_ptr<dispatch::handshake_step> step,
                                                               const std::weak_ptr<shard>& shard) noexcept
{
    {
        const std::lock_guard lock{mutex_};
        if (stopped_) return step;
        const bool validated = step->validation() == dispatch::validation::validated;
        auto& queue = queues_[step->begins() ? (validated ? new_validated : new_unvalidated)
                                             : (validated ? begun_validated : begun_unvalidated)];
        try {
            queue.emplace_back();
        } catch (const std::bad_alloc&) {
            return step;
        }
        waiting(*step).fetch_add(1, std::memory_order_relaxed);
        queue.back() = {std::move(step), shard};
    }
    work_available_.notify_one();
    return nullptr;
}

std::deque<handshake_pool::job>* handshake_pool::first_queue() noexcept
{
    const auto end =
        running_unvalidated_ < max_unvalidated_ ? queues_.end() : queues_.begin() + begun_unvalidated;
    const auto found = std::find_if(queues_.begin(), end, [](const auto& queue) { return !queue.empty(); });
    return found == end ? nullptr : &*found;
}

void handshake_pool::trim(std::size_t bytes) noexcept
{
    {
        const std::lock_guard lock{mutex_};
        ++trims_;
        bytes_to_trim_ = bytes;
    }
    work_available_.notify_all();
}

void handshake_pool::work() noexcept
{
    cpu_meter meter;
    free_pages freed;
    std::uint64_t trims = 0;
    std::unique_lock lock{mutex_};
    for (;;) {
        work_available_.wait(
            lock, [&] { return stopped_ || first_queue() || trims != trims_ || freed.in_progress(); });
        if (stopped_) return;
        if (std::exchange(trims, trims_) != trims_) freed.begin(bytes_to_trim_);
        if (!first_queue()) {
            lock.unlock();
            (void)freed.run_slice(slice_of_trim);
            lock.lock();
            continue;
        }
        auto& queue = *first_queue();
        auto next = std::move(queue.front());
        queue.pop_front();
        waiting(*next.step).fetch_sub(1, std::memory_order_relaxed);
        const std::size_t unvalidated = next.step->validation() == dispatch::validation::unvalidated ? 1 : 0;
        running_unvalidated_ += unvalidated;
        lock.unlock();
        next.step->run(clock::now(), meter);
        if (const auto shard = next.owner.lock()) shard->step_done(std::move(next.step));
        next = {};
        std::this_thread::yield();  // for a shard that uses the same core: a step is long, the work for a
                                    // datagram short
        lock.lock();
        running_unvalidated_ -= unvalidated;
        if (unvalidated > 0)
            work_available_.notify_one();  // another thread may take the next unvalidated step
    }
}

}  // namespace quivive::runtime
