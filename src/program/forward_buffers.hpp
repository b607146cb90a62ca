#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace quivive::program {

/// Pool of buffers for messages from the back end to a client. A session takes a buffer while messages from
/// its back end are waiting and returns it afterwards, so that an idle session holds none. Thread-safe.
class forward_buffers {
public:
    using buffer = std::vector<std::byte>;

    /// Returns a buffer of at least `bytes` bytes with unspecified contents.
    [[nodiscard]] buffer take(std::size_t bytes)
    {
        auto one = spare();
        if (one.size() < bytes) one.resize(bytes);
        return one;
    }

    void give_back(buffer one)
    {
        const std::lock_guard lock{mutex_};
        if (spare_.size() < max_spare) spare_.push_back(std::move(one));
    }

private:
    static constexpr std::size_t max_spare = 64;

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
