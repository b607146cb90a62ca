#pragma once

#include "dispatch/pending_handshakes.hpp"
#include "quivive/attempt.hpp"
#include "server/pending_operation.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace quivive::runtime {

/// Queue of attempts that wait to be accepted, and of accepts that wait for an attempt. All shards share it.
/// Thread-safe.
class acceptor : public std::enable_shared_from_this<acceptor> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, attempt)>;

    acceptor(shard_executor executor, std::size_t max_waiting)
        : executor_{std::move(executor)}, max_waiting_{max_waiting}
    {
    }

    using number = std::uint64_t;

    /// Returns whether an attempt of this validation state may be offered.
    [[nodiscard]] bool has_capacity(dispatch::validation which) const;
    /// Sets the limit. Attempts that already wait beyond a smaller limit stay in the queue.
    void limit(std::size_t max_waiting);
    /// Passes the attempt to the oldest waiting accept, or queues it. In a full queue a validated attempt
    /// displaces the oldest unvalidated one. Returns the number by which `remove` removes the attempt.
    number offer(attempt offered, dispatch::validation which);
    /// Removes an attempt that has ended from the queue. Does nothing when it is no longer queued.
    void remove(number which);
    void accept(handler_type handler);
    /// Completes all accepts, present and future, with `why`, and destroys all attempts.
    void close(error_code why);

private:
    using queue = std::map<number, attempt>;  ///< in order of arrival

    void cancel(number which);
    [[nodiscard]] std::size_t waiting() const noexcept { return validated_.size() + unvalidated_.size(); }

    shard_executor executor_;  ///< default executor of accepts
    std::size_t max_waiting_;
    mutable std::mutex mutex_;
    queue validated_, unvalidated_;  ///< validated attempts are accepted first
    number next_ = 1;
    std::map<number, pending_operation<error_code, attempt>> accepts_;  ///< in order of arrival
    error_code ended_;
};

}  // namespace quivive::runtime
