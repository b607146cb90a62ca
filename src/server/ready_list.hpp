#pragma once

#include "quivive/error.hpp"
#include "server/pending_operation.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace quivive::detail {

class session_core;

/// Work of one session: an operation that is done, or, when that is empty, a message for the receive that
/// waits.
struct ready_work {
    std::shared_ptr<session_core> session;
    bound_completion<error_code, std::size_t> done;
};

/// Work of sessions that must not happen within the call that caused it, in the order in which it came. It
/// waits here and not with the executor, for whom a turn of each would be one too many: what is sent
/// meanwhile leaves as one batch.
class ready_list {
public:
    void add(ready_work work) { waiting_.push_back(std::move(work)); }
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// Does what waits, and not what that adds. Returns how many there were. What a handler throws comes out
    /// of it, and the rest waits on.
    std::size_t work_off();

    void clear() noexcept { const auto dropped = std::exchange(waiting_, {}); }

private:
    static constexpr std::size_t most_kept = 4'096;

    void put_back(std::size_t first);

    std::vector<ready_work> waiting_;
    std::vector<ready_work> running_;
};

}  // namespace quivive::detail
