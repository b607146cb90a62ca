#pragma once

#include "wire/bytes.hpp"
#include "wire/wipe.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace quivive::sessions {

/// One received message. Wiped when it dies.
struct message {
    message() = default;
    message(const message&) = delete;
    message& operator=(const message&) = delete;
    ~message() { wipe(); }

    std::unique_ptr<message> next;
    std::vector<std::byte> storage;
    std::size_t size = 0;
    std::size_t lent = 0;  ///< bytes of the storage that somebody may have written to since it was lent

    [[nodiscard]] wire::bytes bytes() const noexcept { return wire::bytes{storage}.first(size); }
    /// Bytes of memory that it takes, with malloc's own beside its two blocks.
    [[nodiscard]] std::size_t memory() const noexcept { return storage.capacity() + sizeof(message) + 32; }
    void wipe() noexcept { wire::wipe(std::span{storage}.first(lent)); }
};

/// Lends messages to the queues of all sessions of a shard, and counts the memory that they hold, so that an
/// idle session holds nothing and a busy server allocates nothing. What one held is wiped when it comes back.
/// Not thread-safe.
class message_pool {
public:
    /// A message of so many bytes is taken by a queue that is empty though the pool is full: other sessions,
    /// whose handlers are slow, may have filled it.
    static constexpr std::size_t always_taken = 2'048;

    explicit message_pool(std::size_t max_bytes) noexcept : max_bytes_{max_bytes} {}

    /// A message with room for `capacity` bytes; null when memory is out.
    [[nodiscard]] std::unique_ptr<message> take(std::size_t capacity) noexcept;
    void give_back(std::unique_ptr<message> used) noexcept;

    /// What is queued beyond a smaller limit stays.
    void limit(std::size_t max_bytes) noexcept { max_bytes_ = max_bytes; }

    /// Whether so much memory more may be queued.
    [[nodiscard]] bool has_room(std::size_t memory) const noexcept { return queued_ + memory <= max_bytes_; }
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_; }

private:
    friend class message_queue;

    /// Messages that are lent again.
    struct spares {
        std::unique_ptr<message> first;
        std::size_t count = 0;
    };
    /// Of the usual size: a record with a message of `always_taken` bytes fits. Larger ones are not lent for
    /// less: else a small message that waits might hold a large one's memory.
    static constexpr std::size_t usual_storage = always_taken + 64;
    static constexpr std::size_t most_usual = 256, most_large = 16;

    [[nodiscard]] spares& spares_for(std::size_t storage) noexcept
    {
        return storage <= usual_storage ? usual_ : large_;
    }
    /// Leaves a message that is to wait with no more memory than it needs, if there is enough for that.
    static void fit(message& waiting) noexcept;

    std::size_t max_bytes_;
    std::size_t queued_ = 0;
    spares usual_, large_;
};

/// The messages that wait for one session's reader, first in first out, within limits.
class message_queue {
public:
    explicit message_queue(std::shared_ptr<message_pool> pool) noexcept : pool_{std::move(pool)} {}
    ~message_queue() { clear(); }
    message_queue(const message_queue&) = delete;
    message_queue& operator=(const message_queue&) = delete;

    /// False: `added` is given back, the queue being full, or all queues together; but an empty one takes a
    /// message of `message_pool::always_taken` bytes at any time.
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
