#pragma once

#include "dispatch/half_open.hpp"
#include "quivive/attempt.hpp"
#include "server/pending_operation.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace quivive::detail {

/// The attempts that wait to be accepted, and the accepts that wait for an attempt. Shared by all shards:
/// thread-safe.
class acceptor : public std::enable_shared_from_this<acceptor> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, attempt)>;

    acceptor(home where, std::size_t max_waiting) : home_{std::move(where)}, max_waiting_{max_waiting} {}

    using number = std::uint64_t;

    /// Whether one of this standing may be offered.
    [[nodiscard]] bool has_room(dispatch::standing which) const;
    /// Those that wait beyond a smaller limit stay.
    void limit(std::size_t max_waiting);
    /// Gives it to whom has waited longest, or has it wait. For a proven one the oldest in doubt makes room.
    /// The number by which it can be withdrawn.
    number offer(attempt newcomer, dispatch::standing which);
    /// It has ended. Without effect when it waits no more.
    void withdraw(number which);
    void accept(handler_type handler);
    /// Ends all accepts, now and later, with `why`; drops all attempts.
    void end(error_code why);

private:
    using line = std::map<number, attempt>;  ///< in the order they came

    void cancel(number which);
    [[nodiscard]] std::size_t waiting() const noexcept { return proven_.size() + in_doubt_.size(); }

    home home_;  ///< where accepts complete whose handler says nothing else
    std::size_t max_waiting_;
    mutable std::mutex mutex_;
    line proven_, in_doubt_;  ///< the former first
    number next_ = 1;
    std::map<number, pending_operation<error_code, attempt>> accepts_;  ///< in the order they came
    error_code ended_;
};

}  // namespace quivive::detail
