#include "server/imported_sessions.hpp"

#include <algorithm>
#include <mutex>

namespace quivive::runtime {

std::size_t imported_sessions::id_hash::operator()(const wire::own_connection_id& id) const noexcept
{
    gate::keyed_hash hash{key};
    for (wire::reader in{id.value()}; !in.done();)
        hash.add(in.integer(std::min<std::size_t>(8, in.rest().size())));
    return hash.finish();
}

void imported_sessions::add(const wire::path& path, const wire::own_connection_id& id, std::size_t index)
{
    const std::unique_lock lock{mutex_};
    if (id.empty()) {
        by_path_[{path.local, path.peer}] = index;
        have_paths_.store(true, std::memory_order_relaxed);
    } else {
        by_id_[id] = index;
        have_ids_.store(true, std::memory_order_relaxed);
    }
}

void imported_sessions::remove(const wire::path& path, const wire::own_connection_id& id)
{
    if (id.empty() ? !have_paths() : !have_ids()) return;
    const std::unique_lock lock{mutex_};
    if (id.empty()) {
        by_path_.erase({path.local, path.peer});
        have_paths_.store(!by_path_.empty(), std::memory_order_relaxed);
    } else {
        by_id_.erase(id);
        have_ids_.store(!by_id_.empty(), std::memory_order_relaxed);
    }
}

std::optional<std::size_t> imported_sessions::find(wire::bytes id) const noexcept
{
    if (id.size() > wire::own_connection_id::max_size) return std::nullopt;
    const std::shared_lock lock{mutex_};
    const auto found = by_id_.find(wire::own_connection_id{id});
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::size_t> imported_sessions::find(const wire::path& path) const noexcept
{
    const std::shared_lock lock{mutex_};
    const auto found = by_path_.find({path.local, path.peer});
    if (found == by_path_.end()) return std::nullopt;
    return found->second;
}

}  // namespace quivive::runtime
