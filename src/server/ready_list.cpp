#include "server/ready_list.hpp"

#include "server/session_core.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace quivive::runtime {

std::size_t ready_list::run()
{
    running_.swap(waiting_);
    std::size_t begun = 0;
    try {
        while (begun < running_.size()) {
            auto& work = running_[begun++];
            if (work.done)
                work.session->call(std::move(work.done));
            else
                work.session->on_readable();
        }
    } catch (...) {
        requeue(begun);
        throw;
    }
    running_.clear();
    if (running_.capacity() > max_kept) running_.shrink_to_fit();  // after a burst of all sessions
    return begun;
}

/// Queues the work from index `first` on again, before newly added work. Does not assign elements: Boost 1.81
/// cannot assign an empty any_completion_handler.
void ready_list::requeue(std::size_t first)
{
    std::vector<ready_work> all;
    std::ranges::move(std::span{running_}.subspan(first), std::back_inserter(all));
    std::ranges::move(waiting_, std::back_inserter(all));
    running_.clear();
    waiting_ = std::move(all);
}

}  // namespace quivive::runtime
