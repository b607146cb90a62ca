#pragma once

#include "dispatch/peer_key.hpp"
#include "wire/connection_id.hpp"

#include <atomic>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

namespace quivive::runtime {

/// Index of imported sessions whose datagrams do not identify their shard. Such a session has no connection
/// id, or an id made under another key. Maps each one to its shard. Thread-safe.
class imported_sessions {
public:
    explicit imported_sessions(dispatch::hash_key key)
        : by_path_{0, dispatch::peer_hash{key}}, by_id_{0, id_hash{key}}
    {
    }

    /// Indexes a session. `id` is empty for a session without one. May throw `std::bad_alloc`.
    void add(const wire::path& path, const wire::own_connection_id& id, std::size_t index);
    /// Removes a session that has ended or could not be imported.
    void remove(const wire::path& path, const wire::own_connection_id& id);

    [[nodiscard]] std::optional<std::size_t> find(wire::bytes id) const noexcept;
    [[nodiscard]] std::optional<std::size_t> find(const wire::path& path) const noexcept;

    // Checked before the maps, since most servers have no such sessions.
    [[nodiscard]] bool have_ids() const noexcept { return have_ids_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool have_paths() const noexcept { return have_paths_.load(std::memory_order_relaxed); }

private:
    struct id_hash {
        dispatch::hash_key key;
        std::size_t operator()(const wire::own_connection_id& id) const noexcept;
    };

    std::atomic<bool> have_ids_{false};
    std::atomic<bool> have_paths_{false};
    mutable std::shared_mutex mutex_;
    std::unordered_map<dispatch::peer_key, std::size_t, dispatch::peer_hash> by_path_;
    std::unordered_map<wire::own_connection_id, std::size_t, id_hash> by_id_;
};

}  // namespace quivive::runtime
