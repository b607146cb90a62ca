#include "dispatch/dispatcher.hpp"

#include <algorithm>
#include <new>

// Connections found by a connection id (RFC 9146), whatever address their datagrams come from.
namespace quivive::dispatch {

using sessions::phase;
using sessions::record_result;

namespace {

bool holds(const network& network, const wire::endpoint& peer) noexcept
{
    return network.is_v4() == peer.is_v4() && network.first() <= peer.address &&
           peer.address <= network.last();
}

}  // namespace

/// Returns whether the client requests a connection id and its network gets one. A first fragment may not
/// show the extension, so it counts as a request.
bool dispatcher::assigns_id(const wire::client_hello_view& hello, const wire::path& path) const noexcept
{
    const auto& policy = dependencies_.config.ids;
    if (!policy.enabled) return false;
    if (hello.whole && !wire::find_extension(hello, wire::connection_id_extension)) return false;
    const auto near = [&](const network& one) { return holds(one, path.peer); };
    return policy.networks.empty() || std::ranges::any_of(policy.networks, near);
}

/// Assigns an id that no other connection has. Otherwise the records of two connections with one id would all
/// go to the first. RFC 9146 3 leaves it to the receiver to distinguish them. An id has at least five random
/// bytes, which practically never repeat. If the random source keeps repeating, the session gets no id
/// instead of failing.
void dispatcher::assign_id(connection& connection)
{
    constexpr int draws = 4;
    for (int i = 0; i < draws; ++i) {
        connection.id = dependencies_.ids.codec.make(dependencies_.ids.shard, dependencies_.ids.random);
        if (ids_.add(connection.shared_from_this())) return;
    }
    connection.id = {};
}

record_result dispatcher::route_by_id(const wire::record_view& record, const wire::path& via, time_point now,
                                      wire::outbox& out) noexcept
{
    const auto connection = ids_.find(record.connection_id);
    if (!connection) return record_result::dropped(drop_reason::unknown_connection_id);
    // Before its Finished nothing validates a peer, so it stays at its first address.
    const bool moves = connection->path() != via;
    if (moves && !connection->is_open() && connection->phase() != phase::closing)
        return record_result::dropped(drop_reason::unexpected_record);
    return feed_connection(*connection, record, via, now, out);
}

/// Called after the Finished: removes the id from the table unless both sides negotiated it.
void dispatcher::confirm_or_remove_id(connection& connection) noexcept
{
    if (connection.id.empty() || connection.has_id()) return;
    ids_.remove(connection);
    connection.id = {};
}

void dispatcher::note_move(connection& connection, const wire::path& before) noexcept
{
    if (connection.path() == before) return;
    dependencies_.counters.sessions_moved.add();
    unindex(connection, before);
    (void)index(connection);  // it stays reachable by its id
    dependencies_.listener.moved(connection, before);
}

/// Indexes a session with an id by its address too, so that a retransmitted ClientHello is recognised. It
/// does not replace a session that is reachable by address only. Returns whether the session is indexed by
/// address.
bool dispatcher::index(connection& connection) noexcept
try {
    auto& held = table_[{connection.path().local, connection.path().peer}];
    if (held.session && !held.session->has_id()) return false;
    (void)replace_session(held, connection.shared_from_this());
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

void dispatcher::unindex(connection& connection, const wire::path& path) noexcept
{
    const auto found = table_.find({path.local, path.peer});
    if (found == table_.end()) return;
    auto& held = found->second;
    if (held.session.get() == &connection) held.session.reset();
    if (held.handshake.get() == &connection) held.handshake.reset();
    if (held.empty()) table_.erase(found);
}

}  // namespace quivive::dispatch
