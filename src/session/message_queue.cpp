#include "session/message_queue.hpp"

#include <new>

namespace quivive::sessions {

std::unique_ptr<message> message_pool::take(std::size_t capacity) noexcept
try {
    auto& from = spares_for(capacity);
    std::unique_ptr<message> taken = std::move(from.first);
    if (taken) {
        from.first = std::move(taken->next);
        --from.count;
    } else {
        taken = std::make_unique<message>();
    }
    if (taken->storage.size() < capacity) taken->storage = std::vector<std::byte>(capacity);
    taken->lent = capacity;
    return taken;
} catch (const std::bad_alloc&) {
    return nullptr;
}

void message_pool::recycle(std::unique_ptr<message> used) noexcept
{
    if (!used) return;
    used->wipe();
    used->lent = used->size = 0;
    auto& to = spares_for(used->storage.size());
    if (to.count >= (&to == &usual_ ? max_usual : max_large)) return;
    used->next = std::move(to.first);
    to.first = std::move(used);
    ++to.count;
}

/// Replaces storage that is too large, because of padding (RFC 9146 4) or of a larger spare message.
void message_pool::fit(message& waiting) noexcept
try {
    const bool small = waiting.size <= always_taken;
    if (waiting.storage.size() <= (small ? usual_storage : 2 * waiting.size)) return;
    std::vector<std::byte> fitting(waiting.bytes().begin(), waiting.bytes().end());
    waiting.wipe();
    waiting.storage = std::move(fitting);
    waiting.lent = waiting.size;
} catch (const std::bad_alloc&) {  // the message counts with its actual size
}

bool message_queue::push(std::unique_ptr<message> added, std::size_t max_messages,
                         std::size_t max_bytes) noexcept
{
    const auto size = added->size;
    message_pool::fit(*added);
    const auto memory = added->memory();
    const bool fits = count_ < max_messages && bytes_ + size <= max_bytes;
    const bool is_reserved = empty() && added->storage.size() <= message_pool::usual_storage;
    if (!fits || !(is_reserved || pool_->has_room(memory))) {
        pool_->recycle(std::move(added));
        return false;
    }
    pool_->queued_ += memory;
    bytes_ += static_cast<std::uint32_t>(size);
    ++count_;
    message* const added_last = added.get();
    (last_ ? last_->next : first_) = std::move(added);
    last_ = added_last;
    return true;
}

std::unique_ptr<message> message_queue::pop() noexcept
{
    std::unique_ptr<message> popped = std::move(first_);
    first_ = std::move(popped->next);
    if (!first_) last_ = nullptr;
    --count_;
    bytes_ -= static_cast<std::uint32_t>(popped->size);
    pool_->queued_ -= popped->memory();
    return popped;
}

void message_queue::clear() noexcept
{
    while (!empty()) pool_->recycle(pop());
}

void message_queue::detach_from_pool() noexcept
try {
    std::size_t memory = 0;
    for_each([&](const message& waiting) { memory += waiting.memory(); });
    auto own = std::make_shared<message_pool>(memory);
    pool_->queued_ -= memory;
    own->queued_ = memory;
    pool_ = std::move(own);
} catch (const std::bad_alloc&) {
    clear();  // an empty queue does not touch its pool any more
}

}  // namespace quivive::sessions
