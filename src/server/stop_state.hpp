#pragma once

#include "server/pending_operation.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace quivive::runtime {

/// Waits until all shards of a server have stopped. Thread-safe.
class stop_state : public std::enable_shared_from_this<stop_state> {
public:
    stop_state(std::size_t shards, shard_executor executor) : executor_{std::move(executor)}, running_{shards}
    {
    }

    /// Starts the shutdown. Returns true on the first call.
    [[nodiscard]] bool begin();
    /// Runs `work` unless the shutdown has started. The shutdown cannot start while `work` runs. Returns
    /// whether `work` ran.
    template <typename Work>
    bool unless_begun(Work work)
    {
        const std::lock_guard lock{mutex_};
        if (!begun_) work();
        return !begun_;
    }

    /// Completes when the last shard has stopped.
    void wait(boost::asio::any_completion_handler<void(error_code)> handler);

    /// Counts a stopped shard. Returns true for the last one.
    [[nodiscard]] bool shard_stopped();

private:
    using number = std::uint64_t;
    void cancel(number which);

    std::mutex mutex_;
    shard_executor executor_;  ///< default executor of waits
    std::size_t running_;
    bool begun_ = false;
    number next_ = 0;
    std::map<number, pending_operation<error_code>> waits_;
};

}  // namespace quivive::runtime
