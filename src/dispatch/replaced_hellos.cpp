#include "dispatch/replaced_hellos.hpp"

#include <algorithm>
#include <new>

namespace quivive::dispatch {

void replaced_hellos::add(const wire::path& path, wire::bytes digest) noexcept
try {
    if (newer_.empty()) newer_.resize(2 * most);  // half of it stays free
    const auto id = id_of(path, digest);
    if (contains(newer_, id)) return;
    if (count_ == most) {
        std::swap(newer_, older_);
        newer_.assign(2 * most, 0);
        count_ = 0;
    }
    newer_[slot_of(newer_, id)] = id;
    ++count_;
} catch (const std::bad_alloc&) {
}

bool replaced_hellos::has(const wire::path& path, wire::bytes digest) const noexcept
{
    if (newer_.empty()) return false;
    const auto id = id_of(path, digest);
    return contains(newer_, id) || contains(older_, id);
}

std::uint64_t replaced_hellos::id_of(const wire::path& path, wire::bytes digest) const noexcept
{
    keyed_hash hash{key_};
    hash.add(peer_hash{key_}({path.local, path.peer}));
    for (wire::reader in{digest}; !in.done();)
        hash.add(in.integer(std::min<std::size_t>(8, in.rest().size())));
    return std::max<std::uint64_t>(1, hash.finish());
}

bool replaced_hellos::contains(const table& in, std::uint64_t id) noexcept
{
    return !in.empty() && in[slot_of(in, id)] == id;
}

std::size_t replaced_hellos::slot_of(const table& in, std::uint64_t id) noexcept
{
    auto place = id % in.size();
    while (in[place] != 0 && in[place] != id) place = (place + 1) % in.size();
    return place;
}

}  // namespace quivive::dispatch
