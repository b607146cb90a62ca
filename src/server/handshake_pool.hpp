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

namespace quivive::detail {

class shard;

/// Threads on which the handshakes of all shards go on, so that a signature delays no session's datagram.
/// Those in doubt come last, do not count against the others, and leave them one of several threads, as a
/// step may wait for a key. Those that have begun come before newcomers: under a storm what was begun is
/// finished. Thread-safe.
class handshake_pool {
public:
    /// `most_waiting`: steps, before it is `full`. Throws `std::system_error` when there are no threads.
    handshake_pool(std::size_t threads, std::size_t most_waiting);
    ~handshake_pool() { stop(); }
    handshake_pool(const handshake_pool&) = delete;
    handshake_pool& operator=(const handshake_pool&) = delete;

    void limit(std::size_t most_waiting) noexcept
    {
        most_waiting_.store(most_waiting, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t waiting() const noexcept
    {
        return waiting_in_doubt_.load(std::memory_order_relaxed) +
               waiting_proven_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool full(dispatch::standing which) const noexcept
    {
        const auto ahead =
            which == dispatch::standing::proven ? waiting_proven_.load(std::memory_order_relaxed) : waiting();
        return ahead >= most_waiting_.load(std::memory_order_relaxed);
    }

    /// Whether the caller's thread is one of these.
    [[nodiscard]] bool runs_here() const noexcept;

    /// Has it run, and then given to `home`. Back at once when there is no memory, or when it has stopped.
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step, const std::weak_ptr<shard>& home) noexcept;

    /// Gives memory of about `bytes` that handshakes have left free on these threads back to the system,
    /// while they have nothing else to do.
    void trim(std::size_t bytes) noexcept;

    /// Ends the threads, after the steps that they are at; the others are dropped. Not on one of them.
    void stop() noexcept;

private:
    struct errand {
        std::unique_ptr<dispatch::handshake_step> step;
        std::weak_ptr<shard> home;
    };

    /// In the order in which they are served.
    enum line : unsigned char { begun, newcomers, begun_in_doubt, newcomers_in_doubt, line_count };

    void work() noexcept;
    [[nodiscard]] std::deque<errand>* first_line() noexcept;
    [[nodiscard]] std::atomic<std::size_t>& waiting(const dispatch::handshake_step& step) noexcept
    {
        return step.standing() == dispatch::standing::proven ? waiting_proven_ : waiting_in_doubt_;
    }

    std::atomic<std::size_t> most_waiting_;
    std::atomic<std::size_t> waiting_proven_{0}, waiting_in_doubt_{0};

    std::mutex mutex_;  ///< of all that follows, but the threads
    std::condition_variable there_is_work_;
    std::array<std::deque<errand>, line_count> lines_;
    const std::size_t most_in_doubt_;  ///< steps at a time
    std::size_t doing_in_doubt_ = 0;
    bool stopped_ = false;
    std::uint64_t trims_ = 0;        ///< how often that was asked for
    std::size_t bytes_to_trim_ = 0;  ///< last time
    std::vector<std::thread> threads_;
};

/// A shard's way to the pool.
class pool_workers final : public dispatch::handshake_workers {
public:
    explicit pool_workers(std::shared_ptr<handshake_pool> pool) noexcept : pool_{std::move(pool)} {}

    /// Where steps come back to. Before the first one.
    void return_to(std::weak_ptr<shard> home) noexcept { home_ = std::move(home); }

    [[nodiscard]] bool full(dispatch::standing which) const noexcept override { return pool_->full(which); }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override
    {
        return pool_->take(std::move(step), home_);
    }

    void trim(std::size_t bytes) noexcept { pool_->trim(bytes); }

private:
    std::shared_ptr<handshake_pool> pool_;
    std::weak_ptr<shard> home_;
};

}  // namespace quivive::detail
