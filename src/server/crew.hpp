#pragma once

#include "dispatch/id_codec.hpp"
#include "dispatch/peer_key.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace quivive::detail {

class shard;

/// The shards of one server, as they know each other. The kernel chooses a datagram's shard by its addresses;
/// for a session whose peer has moved (RFC 9146), or that another process began, that may be the wrong one.
/// The datagram is then handed over. Thread-safe once all have been added.
class crew {
public:
    crew(dispatch::id_codec codec, dispatch::hash_key key)
        : codec_{codec}, arrivals_{0, dispatch::peer_hash{key}}
    {
    }

    /// Before any of them reads.
    void add(const std::shared_ptr<shard>& one) { shards_.push_back(one); }

    [[nodiscard]] const dispatch::id_codec& codec() const noexcept { return codec_; }

    /// Some sessions have ids, or will: before, nobody's datagram is handed over for what looks like one.
    void expect_ids() noexcept { have_ids_.store(true, std::memory_order_relaxed); }

    /// A session without an id, from another process, is at `place`.
    void note_arrival(const wire::path& path, std::size_t place);

    /// It has ended, or never began.
    void forget_arrival(const wire::path& path);

    /// Whose datagram it is; null when it is `asking`'s own, or nobody's in particular. `is_known`: whether
    /// `asking` has a session at that path.
    template <typename IsKnown>
    [[nodiscard]] std::shared_ptr<shard> owner_of(wire::bytes datagram, const wire::path& path,
                                                  const shard& asking, IsKnown is_known) const noexcept
    {
        if (shards_.size() < 2) return nullptr;
        auto place =
            have_ids_.load(std::memory_order_relaxed) ? codec_.shard_of_datagram(datagram) : std::nullopt;
        if (!place && have_arrivals_.load(std::memory_order_relaxed) && !is_known(path))
            place = find_arrival(path);
        if (!place) return nullptr;
        auto owner = shards_[*place].lock();
        return owner.get() == &asking ? nullptr : owner;
    }

private:
    [[nodiscard]] std::optional<std::size_t> find_arrival(const wire::path& path) const noexcept;

    dispatch::id_codec codec_;
    std::vector<std::weak_ptr<shard>> shards_;

    std::atomic<bool> have_ids_{false};
    std::atomic<bool> have_arrivals_{false};
    mutable std::shared_mutex mutex_;
    std::unordered_map<dispatch::peer_key, std::size_t, dispatch::peer_hash> arrivals_;
};

}  // namespace quivive::detail
