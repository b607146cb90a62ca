#pragma once

#include "wire/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace quivive::sessions {

/// One received message. Its storage is as large as the largest message it ever held.
struct message {
    std::unique_ptr<message> next;
    std::vector<std::byte> storage;
    std::size_t size = 0;

    [[nodiscard]] wire::bytes bytes() const noexcept { return wire::bytes{storage}.first(size); }
};

/// Lends messages to the queues of all sessions of a shard, and counts what they hold, so that an idle
/// session holds nothing and a busy server allocates nothing. Not thread-safe.
class message_pool {
public:
    explicit message_pool(std::size_t max_bytes) noexcept : max_bytes_{max_bytes} {}

    /// A message with room for `capacity` bytes; null when memory is out.
    [[nodiscard]] std::unique_ptr<message> take(std::size_t capacity) noexcept;
    void give_back(std::unique_ptr<message> used) noexcept;

    /// What is queued beyond a smaller limit stays.
    void limit(std::size_t max_bytes) noexcept { max_bytes_ = max_bytes; }

    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept { return queued_ + bytes <= max_bytes_; }
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_; }

private:
    friend class message_queue;
    static constexpr std::size_t max_spare = 256;

    std::size_t max_bytes_;
    std::size_t queued_ = 0;
    std::unique_ptr<message> spare_;
    std::size_t spare_count_ = 0;
};

/// The messages that wait for one session's reader, first in first out, within limits.
class message_queue {
public:
    explicit message_queue(std::shared_ptr<message_pool> pool) noexcept : pool_{std::move(pool)} {}
    ~message_queue() { clear(); }
    message_queue(const message_queue&) = delete;
    message_queue& operator=(const message_queue&) = delete;

    /// False: `added` is given back, the queue or all queues together being full.
    bool push(std::unique_ptr<message> added, std::size_t max_messages, std::size_t max_bytes) noexcept;

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    /// Precondition of both: not empty.
    [[nodiscard]] const message& front() const noexcept { return *first_; }
    [[nodiscard]] std::unique_ptr<message> pop() noexcept;

    void clear() noexcept;

    /// The oldest first.
    template <typename Visit>
    void for_each(Visit visit) const
    {
        for (const message* each = first_.get(); each != nullptr; each = each->next.get()) visit(*each);
    }

    /// Takes what is queued out of the shared pool, so that it can be read on another thread from now on.
    void leave_pool() noexcept;
    [[nodiscard]] message_pool& pool() const noexcept { return *pool_; }

private:
    std::shared_ptr<message_pool> pool_;
    std::unique_ptr<message> first_;
    message* last_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t bytes_ = 0;
};

}  // namespace quivive::sessions
