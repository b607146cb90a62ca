#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace quivive::bench {

/// Counts the results of the clients' first handshakes. Any thread may call any function.
class arrivals {
public:
    void add(bool connected)
    {
        {
            const std::scoped_lock lock{mutex_};
            ++(connected ? connected_ : refused_);
        }
        changed_.notify_all();
    }

    [[nodiscard]] std::size_t connected() const
    {
        const std::scoped_lock lock{mutex_};
        return connected_;
    }

    /// Waits until that many handshakes have ended, half a minute at most. Returns true when all succeeded.
    bool wait_for(std::size_t clients)
    {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return connected_ + refused_ >= clients; });
        return connected_ == clients;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t connected_ = 0, refused_ = 0;
};

}  // namespace quivive::bench
