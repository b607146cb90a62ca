#include "server/shard_events.hpp"

namespace quivive::runtime {

void shard_events::offered(dispatch::connection& connection, const wire::client_hello_view& hello) noexcept
{
    note(shard_event::kind::offered, connection);
    events_.back().server_name = wire::server_name(hello);
}

void shard_events::readable(dispatch::connection& connection) noexcept
{
    // One event is enough for all messages of a datagram.
    if (!events_.empty() && events_.back().what == shard_event::kind::readable &&
        events_.back().connection.get() == &connection)
        return;
    note(shard_event::kind::readable, connection);
}

void shard_events::moved(dispatch::connection& connection, const wire::path& before) noexcept
{
    note(shard_event::kind::moved, connection);
    events_.back().before = before;
    events_.back().after = connection.path();
}

void shard_events::ended(dispatch::connection& connection, bool was_session) noexcept
{
    note(was_session ? shard_event::kind::ended_session : shard_event::kind::ended_handshake, connection);
}

void shard_events::note(shard_event::kind what, dispatch::connection& connection) noexcept
{
    events_.push_back({what, connection.shared_from_this(), {}, {}, {}});
}

}  // namespace quivive::runtime
