#pragma once

#include "dispatch/id_codec.hpp"
#include "server/arrivals.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace quivive::detail {

class shard;

/// The shards of one server, as they know each other. The kernel chooses a datagram's shard by its addresses;
/// for a session whose peer has moved (RFC 9146), or that another process began, that may be the wrong one.
/// The datagram is then handed over; one that only looks like a session's, with an id that nobody has made,
/// stays where it was read. Thread-safe once all have been added.
class crew {
public:
    crew(dispatch::id_codec codec, dispatch::hash_key key) : arrivals_{key} { use(std::move(codec)); }

    /// Before any of them reads.
    void add(const std::shared_ptr<shard>& one) { shards_.push_back(one); }

    /// The present one; each one lasts as long as the crew.
    [[nodiscard]] const dispatch::id_codec& codec() const noexcept
    {
        return *codec_.load(std::memory_order_acquire);
    }
    /// All threads read ids by this one from now on. One call at a time, which `server_core::reload` sees to
    /// (`reloading_`).
    void use(dispatch::id_codec codec);

    /// Some sessions have ids, or will: before, nobody's datagram is handed over for what looks like one.
    void expect_ids() noexcept { have_ids_.store(true, std::memory_order_relaxed); }

    /// Where a session from another process is to go on, which had it at `place` of its own: to the shard
    /// that its datagrams come to. Its id names that one. Without an id it is the same place, since the
    /// kernel spreads the same addresses over as many sockets in the same way; and should it not, or should
    /// the id be of another codec's making, they are handed over.
    [[nodiscard]] std::size_t place_arrival(const wire::path& path, const wire::own_connection_id& id,
                                            std::size_t place);

    /// The session has ended, or never began.
    void forget_arrival(const wire::path& path, const wire::own_connection_id& id)
    {
        arrivals_.forget(path, id);
    }

    /// Which shard's datagram it is, if it is one's in particular. `is_known`: whether there is a session at
    /// that path where it was read.
    template <typename IsKnown>
    [[nodiscard]] std::optional<std::size_t> place_of(wire::bytes datagram, const wire::path& path,
                                                      IsKnown is_known) const noexcept
    {
        if (shards_.size() < 2) return std::nullopt;
        auto place = have_ids_.load(std::memory_order_relaxed) ? named_by(datagram) : std::nullopt;
        if (!place && arrivals_.have_paths() && !is_known(path)) place = arrivals_.find(path);
        return place;
    }

    /// The shard that the datagram is to be handed over to; null when it is `asking`'s own, or nobody's.
    template <typename IsKnown>
    [[nodiscard]] std::shared_ptr<shard> owner_of(wire::bytes datagram, const wire::path& path,
                                                  const shard& asking, IsKnown is_known) const noexcept
    {
        const auto place = place_of(datagram, path, is_known);
        if (!place) return nullptr;
        auto owner = shards_[*place].lock();
        return owner.get() == &asking ? nullptr : owner;
    }

private:
    /// By its connection id.
    [[nodiscard]] std::optional<std::size_t> named_by(wire::bytes datagram) const noexcept;

    /// Some shard may still read by one that was replaced, so all are kept: 100 bytes for each change of
    /// keys.
    std::vector<std::unique_ptr<const dispatch::id_codec>> codecs_;
    std::atomic<const dispatch::id_codec*> codec_{nullptr};
    std::vector<std::weak_ptr<shard>> shards_;
    std::atomic<bool> have_ids_{false};
    arrivals arrivals_;
};

}  // namespace quivive::detail
