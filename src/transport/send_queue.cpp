#include "transport/send_queue.hpp"

#include <algorithm>
#include <new>

namespace quivive::transport {

void queued_datagram::assign(wire::bytes datagram)
{
    if (datagram.size() <= usual_.size())
        wire::copy(datagram, usual_);
    else
        large_.assign(datagram.begin(), datagram.end());
    size_ = datagram.size();
}

wire::bytes queued_datagram::data() const noexcept
{
    return wire::bytes{size_ <= usual_.size() ? usual_.data() : large_.data(), size_};
}

bool send_queue::push(const wire::path& path, wire::bytes datagram) noexcept
try {
    if (size_ >= limit_) return false;
    const auto place = first_ + size_;
    // Not zeroed: a block has 128 KiB.
    if (place / block_size == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<block>());
    auto& slot = (*blocks_[place / block_size])[place % block_size];
    slot.assign(datagram);
    slot.local = path.local;
    slot.peer = path.peer;
    ++size_;
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

const queued_datagram& send_queue::operator[](std::size_t n) const noexcept
{
    const auto place = first_ + n;
    return (*blocks_[place / block_size])[place % block_size];
}

void send_queue::pop(std::size_t count) noexcept
{
    first_ += count;
    size_ -= count;
    if (size_ == 0) {
        first_ = 0;  // reuses the same memory, which is in the CPU cache
        if (blocks_.size() > blocks_kept) blocks_.resize(blocks_kept);
        return;
    }
    const auto used_up = static_cast<std::ptrdiff_t>(first_ / block_size);
    std::rotate(blocks_.begin(), blocks_.begin() + used_up, blocks_.end());
    first_ %= block_size;
}

}  // namespace quivive::transport
