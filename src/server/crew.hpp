#pragma once

#include "dispatch/id_codec.hpp"

#include <memory>
#include <vector>

namespace quivive::detail {

class shard;

/// The shards of one server, as they know each other. The kernel chooses a datagram's shard by its addresses;
/// when a session's peer has moved, that may be another one than the session's (RFC 9146). Its id tells
/// which, and the datagram is handed over.
class crew {
public:
    explicit crew(dispatch::id_codec codec) : codec_{codec} {}

    /// Before any of them reads.
    void add(const std::shared_ptr<shard>& one) { shards_.push_back(one); }

    [[nodiscard]] const dispatch::id_codec& codec() const noexcept { return codec_; }
    [[nodiscard]] std::size_t size() const noexcept { return shards_.size(); }

    /// Null when it is `asking` itself that the datagram is for, or nobody.
    [[nodiscard]] std::shared_ptr<shard> owner_of(wire::bytes datagram, const shard& asking) const noexcept
    {
        if (shards_.size() < 2) return nullptr;
        const auto place = codec_.shard_of_datagram(datagram);
        if (!place) return nullptr;
        auto owner = shards_[*place].lock();
        return owner.get() == &asking ? nullptr : owner;
    }

private:
    dispatch::id_codec codec_;
    std::vector<std::weak_ptr<shard>> shards_;
};

}  // namespace quivive::detail
