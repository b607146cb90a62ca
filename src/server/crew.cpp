#include "server/crew.hpp"

#include <mutex>

namespace quivive::detail {

void crew::note_arrival(const wire::path& path, std::size_t place)
{
    if (shards_.size() < 2) return;
    const std::unique_lock lock{mutex_};
    arrivals_[{path.local, path.peer}] = place;
    have_arrivals_.store(true, std::memory_order_relaxed);
}

void crew::forget_arrival(const wire::path& path)
{
    if (!have_arrivals_.load(std::memory_order_relaxed)) return;
    const std::unique_lock lock{mutex_};
    arrivals_.erase({path.local, path.peer});
    have_arrivals_.store(!arrivals_.empty(), std::memory_order_relaxed);
}

std::optional<std::size_t> crew::find_arrival(const wire::path& path) const noexcept
{
    const std::shared_lock lock{mutex_};
    const auto found = arrivals_.find({path.local, path.peer});
    if (found == arrivals_.end()) return std::nullopt;
    return found->second;
}

}  // namespace quivive::detail
