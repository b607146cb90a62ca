#include "dispatch/dispatcher.hpp"

#include <algorithm>
#include <new>

// Members that are found by a connection id (RFC 9146), wherever their datagrams come from.
namespace quivive::dispatch {

using sessions::outcome;
using sessions::phase;

namespace {

constexpr std::uint16_t connection_id_extension = 54;

bool holds(const network& network, const wire::endpoint& peer) noexcept
{
    return network.is_v4() == peer.is_v4() && network.first() <= peer.address &&
           peer.address <= network.last();
}

}  // namespace

/// The id for a newcomer; none when it does not want one, or its network gets none. What a first fragment
/// does not show may still want one.
std::optional<wire::own_connection_id> dispatcher::make_id(const wire::client_hello_view& hello,
                                                           const wire::path& path) const
{
    const auto& policy = parts_.terms.ids;
    if (!policy.enabled) return std::nullopt;
    if (hello.whole && !wire::find_extension(hello, connection_id_extension)) return std::nullopt;
    const auto near = [&](const network& one) { return holds(one, path.peer); };
    if (!policy.networks.empty() && std::ranges::none_of(policy.networks, near)) return std::nullopt;
    return parts_.ids.codec.make(parts_.ids.shard, parts_.ids.random);
}

outcome dispatcher::to_id(const wire::record_view& record, const wire::path& via, time_point now,
                          wire::outbox& out) noexcept
{
    const auto who = ids_.find(record.connection_id);
    if (!who) return outcome::dropped(drop_reason::unknown_connection_id);
    // Nothing is proven of a peer before its Finished: until then it stays where it began.
    const bool moves = who->path() != via;
    if (moves && !who->is_open() && who->phase() != phase::closing)
        return outcome::dropped(drop_reason::unexpected_record);
    return to_member(*who, record, via, now, out);
}

/// After the Finished: was the id agreed on?
void dispatcher::keep_or_drop_id(member& who) noexcept
{
    if (who.id.empty() || who.has_id()) return;
    ids_.remove(who);
    who.id = {};
}

void dispatcher::note_move(member& who, const wire::path& before) noexcept
{
    if (who.path() == before) return;
    parts_.counters.sessions_moved.add();
    unplace(who, before);
    place(who);
    parts_.listener.moved(who, before);
}

/// A session with an id is listed by its address too, so that a repeat of its ClientHello is known for what
/// it is; unless another one is there already.
void dispatcher::place(member& who) noexcept
try {
    auto& held = table_[{who.path().local, who.path().peer}];
    if (!held.session) held.session = who.shared_from_this();
} catch (const std::bad_alloc&) {  // its id is enough
}

void dispatcher::unplace(member& who, const wire::path& path) noexcept
{
    const auto found = table_.find({path.local, path.peer});
    if (found == table_.end()) return;
    auto& held = found->second;
    if (held.session.get() == &who) held.session.reset();
    if (held.handshake.get() == &who) held.handshake.reset();
    if (held.empty()) table_.erase(found);
}

}  // namespace quivive::dispatch
