#pragma once

#include "dispatch/id_codec.hpp"
#include "server/imported_sessions.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace quivive::runtime {

class shard;

/// The shards of one server. Finds the shard that owns a datagram's session. The kernel chooses a datagram's
/// shard by its addresses. That may be the wrong shard when the peer has moved (RFC 9146) or when the session
/// was imported. The datagram is then forwarded to the owning shard. A datagram with a connection id that
/// quivive did not assign stays at the shard that read it. Thread-safe once all shards have been added.
class shard_group {
public:
    shard_group(dispatch::id_codec codec, dispatch::hash_key key) : imported_{key} { use(std::move(codec)); }

    /// Adds a shard. Call before any shard reads.
    void add(const std::shared_ptr<shard>& one) { shards_.push_back(one); }

    /// Returns the current codec. Each codec exists as long as the group.
    [[nodiscard]] const dispatch::id_codec& codec() const noexcept
    {
        return *codec_.load(std::memory_order_acquire);
    }
    /// Makes all threads decode connection ids with this codec from now on. Calls must not overlap:
    /// `server_core::reload` serializes them (`reloading_`).
    void use(dispatch::id_codec codec);

    /// Notes that some sessions have connection ids, or will. Until then no datagram is forwarded because of
    /// an id.
    void expect_ids() noexcept { have_ids_.store(true, std::memory_order_relaxed); }

    /// Chooses the shard for an imported session, which was at shard `index` of the exporting server. The
    /// connection id, if there is one, names the shard. Without an id the index is kept, because the kernel
    /// spreads the same addresses in the same way over an equal number of sockets. If the datagrams arrive
    /// elsewhere, or another codec made the id, they are forwarded.
    [[nodiscard]] std::size_t choose_shard(const wire::path& path, const wire::own_connection_id& id,
                                           std::size_t index);

    /// Removes an imported session that has ended or could not be continued.
    void remove_import(const wire::path& path, const wire::own_connection_id& id)
    {
        imported_.remove(path, id);
    }

    /// Returns the shard that a datagram belongs to, if it belongs to a particular one. `is_known(path)`
    /// returns whether the reading shard has a session at that path.
    template <typename IsKnown>
    [[nodiscard]] std::optional<std::size_t> index_of(wire::bytes datagram, const wire::path& path,
                                                      IsKnown is_known) const noexcept
    {
        if (shards_.size() < 2) return std::nullopt;
        auto index = have_ids_.load(std::memory_order_relaxed) ? index_by_id(datagram) : std::nullopt;
        if (!index && imported_.have_paths() && !is_known(path)) index = imported_.find(path);
        return index;
    }

    /// Returns the shard to forward the datagram to. Null when it belongs to `reader` or to no shard.
    template <typename IsKnown>
    [[nodiscard]] std::shared_ptr<shard> owner_of(wire::bytes datagram, const wire::path& path,
                                                  const shard& reader, IsKnown is_known) const noexcept
    {
        const auto index = index_of(datagram, path, is_known);
        if (!index) return nullptr;
        auto owner = shards_[*index].lock();
        return owner.get() == &reader ? nullptr : owner;
    }

private:
    /// Finds the shard by the connection id of the datagram.
    [[nodiscard]] std::optional<std::size_t> index_by_id(wire::bytes datagram) const noexcept;

    /// All codecs are kept, since a shard may still use a replaced one. That costs 100 bytes for each change
    /// of keys.
    std::vector<std::unique_ptr<const dispatch::id_codec>> codecs_;
    std::atomic<const dispatch::id_codec*> codec_{nullptr};
    std::vector<std::weak_ptr<shard>> shards_;
    std::atomic<bool> have_ids_{false};
    imported_sessions imported_;
};

}  // namespace quivive::runtime
