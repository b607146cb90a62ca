#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace quivive::program {

/// Buffers for messages on their way to a client. A session borrows one when its back end has something to
/// say and gives it back when all is said, so that an idle session holds none. From any thread.
class forward_buffers {
public:
    using buffer = std::vector<std::byte>;

    /// At least `bytes` long; what it contains means nothing.
    [[nodiscard]] buffer take(std::size_t bytes)
    {
        auto one = spare();
        if (one.size() < bytes) one.resize(bytes);
        return one;
    }

    void give_back(buffer one)
    {
        const std::lock_guard lock{mutex_};
        if (spare_.size() < most_spare) spare_.push_back(std::move(one));
    }

private:
    static constexpr std::size_t most_spare = 64;

    [[nodiscard]] buffer spare()
    {
        const std::lock_guard lock{mutex_};
        if (spare_.empty()) return {};
        auto one = std::move(spare_.back());
        spare_.pop_back();
        return one;
    }

    std::mutex mutex_;
    std::vector<buffer> spare_;
};

}  // namespace quivive::program
