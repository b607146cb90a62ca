#pragma once

#include "quivive/error.hpp"
#include "server/pending_operation.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace quivive::detail {

class session_core;

/// One of the two: a session that has something to read for who asks, or an operation that is done.
struct ready_work {
    std::shared_ptr<session_core> readable;
    bound_completion<error_code, std::size_t> done;
};

/// Work of sessions that must not happen within the call that caused it, in the order in which it came. It
/// waits here and not with the executor, for whom a turn of each would be one too many: what is sent
/// meanwhile leaves as one batch.
class ready_list {
public:
    void add(ready_work work) { waiting_.push_back(std::move(work)); }
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// Calls `act(ready_work&)` for what waits, and not for what it adds. Returns how many there were.
    template <typename Act>
    std::size_t work_off(Act&& act)
    {
        running_.swap(waiting_);
        for (auto& work : running_) act(work);
        const auto count = running_.size();
        running_.clear();
        return count;
    }

    void clear() noexcept { const auto dropped = std::exchange(waiting_, {}); }

private:
    std::vector<ready_work> waiting_;
    std::vector<ready_work> running_;
};

}  // namespace quivive::detail
