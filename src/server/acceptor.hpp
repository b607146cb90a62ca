#pragma once

#include "quivive/attempt.hpp"
#include "server/pending_operation.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>

namespace quivive::detail {

/// The attempts that wait to be accepted, and the accepts that wait for an attempt. Shared by all shards:
/// thread-safe.
class acceptor : public std::enable_shared_from_this<acceptor> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, attempt)>;

    acceptor(home where, std::size_t max_waiting) : home_{std::move(where)}, max_waiting_{max_waiting} {}

    [[nodiscard]] bool has_room() const;
    /// Those that wait beyond a smaller limit stay.
    void limit(std::size_t max_waiting);
    void offer(attempt newcomer);
    void accept(handler_type handler);
    /// Ends all accepts, now and later, with `why`; drops all attempts.
    void end(error_code why);

private:
    using number = std::uint64_t;
    void cancel(number which);

    home home_;  ///< where accepts complete whose handler says nothing else
    std::size_t max_waiting_;
    mutable std::mutex mutex_;
    std::deque<attempt> attempts_;
    number next_ = 0;
    std::map<number, pending_operation<error_code, attempt>> accepts_;  ///< in the order they came
    error_code ended_;
};

}  // namespace quivive::detail
