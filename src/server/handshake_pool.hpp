#pragma once

#include "dispatch/handshake_step.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace quivive::runtime {

class shard;

/// Threads that run the handshake steps of all shards, so that a signature delays no session's datagram.
///
/// - Steps of unvalidated peers come last and do not count against the limit of validated ones.
/// - Where there are several threads, unvalidated steps leave one of them free, since a step may wait for a
///   key.
/// - Steps of handshakes in progress come before new handshakes, so that under overload begun handshakes
///   complete.
///
/// Thread-safe.
class handshake_pool {
public:
    /// `max_waiting`: number of waiting steps at which the pool is `full`. Throws `std::system_error` when
    /// no threads can be created.
    handshake_pool(std::size_t threads, std::size_t max_waiting);
    ~handshake_pool() { stop(); }
    handshake_pool(const handshake_pool&) = delete;
    handshake_pool& operator=(const handshake_pool&) = delete;

    void limit(std::size_t max_waiting) noexcept
    {
        max_waiting_.store(max_waiting, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t waiting() const noexcept
    {
        return waiting_unvalidated_.load(std::memory_order_relaxed) +
               waiting_validated_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool full(dispatch::validation which) const noexcept
    {
        const auto ahead = which == dispatch::validation::validated
                               ? waiting_validated_.load(std::memory_order_relaxed)
                               : waiting();
        return ahead >= max_waiting_.load(std::memory_order_relaxed);
    }

    /// Returns whether the caller runs on a thread of the pool.
    [[nodiscard]] bool runs_here() const noexcept;

    /// Queues the step to be run and then returned to its shard. Returns the step immediately when memory is
    /// short or the pool has stopped.
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step, const std::weak_ptr<shard>& shard) noexcept;

    /// Gives about `bytes` of memory that handshakes freed on these threads back to the system, while the
    /// threads are idle.
    void trim(std::size_t bytes) noexcept;

    /// Ends the threads after their current steps and destroys the queued ones. Must not be called on a
    /// thread of the pool.
    void stop() noexcept;

private:
    struct job {
        std::unique_ptr<dispatch::handshake_step> step;
        std::weak_ptr<shard> owner;
    };

    /// In the order in which the queues are served.
    enum queue : unsigned char {
        begun_validated,
        new_validated,
        begun_unvalidated,
        new_unvalidated,
        queue_count
    };

    void work() noexcept;
    [[nodiscard]] std::deque<job>* first_queue() noexcept;
    [[nodiscard]] std::atomic<std::size_t>& waiting(const dispatch::handshake_step& step) noexcept
    {
        return step.validation() == dispatch::validation::validated ? waiting_validated_
                                                                    : waiting_unvalidated_;
    }

    std::atomic<std::size_t> max_waiting_;
    std::atomic<std::size_t> waiting_validated_{0}, waiting_unvalidated_{0};

    std::mutex mutex_;  ///< guards the members below, except the threads
    std::condition_variable work_available_;
    std::array<std::deque<job>, queue_count> queues_;
    const std::size_t max_unvalidated_;  ///< steps at a time
    std::size_t running_unvalidated_ = 0;
    bool stopped_ = false;
    std::uint64_t trims_ = 0;        ///< number of calls of `trim`
    std::size_t bytes_to_trim_ = 0;  ///< argument of the last call
    std::vector<std::thread> threads_;
};

/// Connects one shard to the pool.
class pool_workers final : public dispatch::handshake_workers {
public:
    explicit pool_workers(std::shared_ptr<handshake_pool> pool) noexcept : pool_{std::move(pool)} {}

    /// Sets the shard that steps return to. Call before the first step.
    void return_to(std::weak_ptr<shard> shard) noexcept { shard_ = std::move(shard); }

    [[nodiscard]] bool full(dispatch::validation which) const noexcept override { return pool_->full(which); }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override
    {
        return pool_->take(std::move(step), shard_);
    }

    void trim(std::size_t bytes) noexcept { pool_->trim(bytes); }

private:
    std::shared_ptr<handshake_pool> pool_;
    std::weak_ptr<shard> shard_;
};

}  // namespace quivive::runtime
