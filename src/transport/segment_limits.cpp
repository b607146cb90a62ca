#include "transport/segment_limits.hpp"

#include <cstring>
#include <new>

namespace quivive::transport {

namespace {

wire::endpoint without_port(wire::endpoint peer) noexcept
{
    peer.port = 0;
    return peer;
}

}  // namespace

/// The hash is not keyed: a forced collision only causes one more attempt for an address.
segment_limits::entry& segment_limits::entry_for(const wire::endpoint& peer) noexcept
{
    std::uint64_t high, low;
    std::memcpy(&high, peer.address.data(), sizeof high);
    std::memcpy(&low, peer.address.data() + sizeof high, sizeof low);
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    return table_[((high * odd ^ low) * odd >> 56) % table_.size()];  // all other bits affect the top bits
}

bool segment_limits::find(const wire::endpoint& peer, std::size_t size) noexcept
{
    if (unsegmented_left_ > 0) {
        --unsegmented_left_;
        return false;
    }
    auto& at = entry_for(peer);
    if (at.left == 0 || size <= at.above || at.peer != without_port(peer)) return true;
    if (--at.left == 0) --used_;
    return false;
}

void segment_limits::refuse(const wire::endpoint& peer, std::size_t size, bool by_device,
                            bool connected) noexcept
try {
    const auto key = without_port(peer);
    if (by_device) note_device(key);
    if (table_.empty()) table_.resize(connected ? 1 : places);
    auto& at = entry_for(peer);
    // After a second refusal, with smaller datagrams, other sizes are not tried.
    const bool again = at.left > 0 && at.peer == key;
    if (at.left == 0) ++used_;
    at = {key, static_cast<std::uint16_t>(by_device || again ? 0 : size - 1), unsegmented_after_refusal};
} catch (const std::bad_alloc&) {  // not recorded; will be tried again
}

/// Repeated refusals of one address do not count: behind IPsec they are normal and not due to the device.
void segment_limits::note_device(const wire::endpoint& peer) noexcept
{
    if (device_refused_ > 0 && peer == device_refused_last_) return;
    device_refused_last_ = peer;
    if (++device_refused_ < device_refusals) return;
    device_refused_ = 0;
    unsegmented_left_ = unsegmented_after_device;
}

}  // namespace quivive::transport
