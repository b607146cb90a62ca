#pragma once

#include "quivive/error.hpp"
#include "server/pending_operation.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace quivive::runtime {

class session_core;

/// Work of one session: a completion, or, when that is empty, a message for the waiting receive.
struct ready_work {
    std::shared_ptr<session_core> session;
    bound_completion<error_code, std::size_t> done;
};

/// Work of sessions that must not run within the call that caused it, in order of arrival. It is queued here
/// instead of being posted item by item, so that all datagrams of one turn leave as one batch.
class ready_list {
public:
    void add(ready_work work) { waiting_.push_back(std::move(work)); }
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// Runs the queued work, but not work added meanwhile. Returns the number of items run. If a handler
    /// throws, the exception propagates and the rest stays queued.
    std::size_t run();

    void clear() noexcept { const auto dropped = std::exchange(waiting_, {}); }

private:
    static constexpr std::size_t max_kept = 4'096;

    void requeue(std::size_t first);

    std::vector<ready_work> waiting_;
    std::vector<ready_work> running_;
};

}  // namespace quivive::runtime
