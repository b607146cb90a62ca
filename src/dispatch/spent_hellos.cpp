#include "dispatch/spent_hellos.hpp"

#include <algorithm>
#include <new>

namespace quivive::dispatch {

void spent_hellos::add(const wire::path& path, wire::bytes mark) noexcept
try {
    if (newer_.empty()) newer_.resize(2 * most);  // half of it stays free
    const auto id = id_of(path, mark);
    if (contains(newer_, id)) return;
    if (count_ == most) {
        std::swap(newer_, older_);
        newer_.assign(2 * most, 0);
        count_ = 0;
    }
    newer_[place_of(newer_, id)] = id;
    ++count_;
} catch (const std::bad_alloc&) {
}

bool spent_hellos::has(const wire::path& path, wire::bytes mark) const noexcept
{
    if (newer_.empty()) return false;
    const auto id = id_of(path, mark);
    return contains(newer_, id) || contains(older_, id);
}

std::uint64_t spent_hellos::id_of(const wire::path& path, wire::bytes mark) const noexcept
{
    keyed_hash hash{key_};
    hash.add(peer_hash{key_}({path.local, path.peer}));
    for (wire::reader in{mark}; !in.done();) hash.add(in.integer(std::min<std::size_t>(8, in.rest().size())));
    return std::max<std::uint64_t>(1, hash.finish());
}

bool spent_hellos::contains(const table& in, std::uint64_t id) noexcept
{
    return !in.empty() && in[place_of(in, id)] == id;
}

std::size_t spent_hellos::place_of(const table& in, std::uint64_t id) noexcept
{
    auto place = id % in.size();
    while (in[place] != 0 && in[place] != id) place = (place + 1) % in.size();
    return place;
}

}  // namespace quivive::dispatch
