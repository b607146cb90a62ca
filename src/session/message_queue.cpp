#include "session/message_queue.hpp"

#include <new>

namespace quivive::sessions {

std::unique_ptr<message> message_pool::take(std::size_t capacity) noexcept
try {
    std::unique_ptr<message> taken = std::move(spare_);
    if (taken) {
        spare_ = std::move(taken->next);
        --spare_count_;
    } else {
        taken = std::make_unique<message>();
    }
    if (taken->storage.size() < capacity) taken->storage.resize(capacity);
    return taken;
} catch (const std::bad_alloc&) {
    return nullptr;
}

void message_pool::give_back(std::unique_ptr<message> used) noexcept
{
    if (!used || spare_count_ >= max_spare) return;
    used->next = std::move(spare_);
    spare_ = std::move(used);
    ++spare_count_;
}

bool message_queue::push(std::unique_ptr<message> added, std::size_t max_messages,
                         std::size_t max_bytes) noexcept
{
    const auto size = added->size;
    if (count_ >= max_messages || bytes_ + size > max_bytes || !pool_->has_room(size)) {
        pool_->give_back(std::move(added));
        return false;
    }
    pool_->queued_ += size;
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
    pool_->queued_ -= popped->size;
    return popped;
}

void message_queue::clear() noexcept
{
    while (!empty()) pool_->give_back(pop());
}

void message_queue::leave_pool() noexcept
try {
    auto own = std::make_shared<message_pool>(bytes_);
    pool_->queued_ -= bytes_;
    own->queued_ = bytes_;
    pool_ = std::move(own);
} catch (const std::bad_alloc&) {
    clear();  // an empty queue touches its pool no more
}

}  // namespace quivive::sessions
