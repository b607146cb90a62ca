#pragma once

#include "wire/bytes.hpp"
#include "wire/wipe.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace quivive::sessions {

/// A received message. The destructor wipes it.
struct message {
    message() = default;
    message(const message&) = delete;
    message& operator=(const message&) = delete;
    ~message() { wipe(); }

    std::unique_ptr<message> next;
    std::vector<std::byte> storage;
    std::size_t size = 0;
    std::size_t lent = 0;  ///< bytes of the storage that may have been written since `message_pool::take`

    [[nodiscard]] wire::bytes bytes() const noexcept { return wire::bytes{storage}.first(size); }
    /// Returns the memory in bytes, including malloc's overhead for the two blocks.
    [[nodiscard]] std::size_t memory() const noexcept { return storage.capacity() + sizeof(message) + 32; }
    void wipe() noexcept { wire::wipe(std::span{storage}.first(lent)); }
};

/// Allocates messages for the queues of all sessions of a shard and counts their memory. Messages are reused,
/// so an idle session holds no memory and a busy server allocates none. A message is wiped when it is
/// returned. Not thread-safe.
class message_pool {
public:
    /// An empty queue accepts a message of up to this size even when the pool is full. Other sessions with
    /// slow handlers may have filled the pool.
    static constexpr std::size_t always_taken = 2'048;

    explicit message_pool(std::size_t max_bytes) noexcept : max_bytes_{max_bytes} {}

    /// Returns a message with `capacity` bytes of storage; null when out of memory.
    [[nodiscard]] std::unique_ptr<message> take(std::size_t capacity) noexcept;
    void recycle(std::unique_ptr<message> used) noexcept;

    /// Changes the limit. Messages already queued beyond a smaller limit stay.
    void limit(std::size_t max_bytes) noexcept { max_bytes_ = max_bytes; }

    /// Returns whether `memory` more bytes may be queued.
    [[nodiscard]] bool has_room(std::size_t memory) const noexcept { return queued_ + memory <= max_bytes_; }
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_; }

private:
    friend class message_queue;

    /// Messages ready for reuse.
    struct spares {
        std::unique_ptr<message> first;
        std::size_t count = 0;
    };
    /// Storage of the usual size: a record with a message of `always_taken` bytes fits. Larger messages are
    /// not reused for smaller records. Otherwise a small queued message might hold the memory of a large one.
    static constexpr std::size_t usual_storage = always_taken + 64;
    static constexpr std::size_t max_usual = 256, max_large = 16;

    [[nodiscard]] spares& spares_for(std::size_t storage) noexcept
    {
        return storage <= usual_storage ? usual_ : large_;
    }
    /// Reduces a message to the memory it needs before it is queued. Keeps it unchanged when out of memory.
    static void fit(message& waiting) noexcept;

    std::size_t max_bytes_;
    std::size_t queued_ = 0;
    spares usual_, large_;
};

/// The received messages of one session, first in first out, within limits.
class message_queue {
public:
    explicit message_queue(std::shared_ptr<message_pool> pool) noexcept : pool_{std::move(pool)} {}
    ~message_queue() { clear(); }
    message_queue(const message_queue&) = delete;
    message_queue& operator=(const message_queue&) = delete;

    /// Returns false and recycles `added` when this queue or all queues together are full. An empty queue
    /// accepts a message of `message_pool::always_taken` bytes even when the pool is full.
    bool push(std::unique_ptr<message> added, std::size_t max_messages, std::size_t max_bytes) noexcept;

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    /// Precondition of both: not empty.
    [[nodiscard]] const message& front() const noexcept { return *first_; }
    [[nodiscard]] std::unique_ptr<message> pop() noexcept;

    void clear() noexcept;

    /// Visits the messages, the oldest first.
    template <typename Visit>
    void for_each(Visit visit) const
    {
        for (const message* each = first_.get(); each != nullptr; each = each->next.get()) visit(*each);
    }

    /// Moves the queue out of the shared pool, so that another thread can read it from now on.
    void detach_from_pool() noexcept;
    [[nodiscard]] message_pool& pool() const noexcept { return *pool_; }

private:
    std::shared_ptr<message_pool> pool_;
    std::unique_ptr<message> first_;
    message* last_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t bytes_ = 0;
};

}  // namespace quivive::sessions
