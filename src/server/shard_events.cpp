#include "server/shard_events.hpp"

namespace quivive::detail {

void shard_events::offered(dispatch::member& who, const wire::client_hello_view& hello) noexcept
{
    note(shard_event::kind::offered, who);
    events_.back().server_name = wire::server_name(hello);
}

void shard_events::readable(dispatch::member& who) noexcept
{
    // One event is enough for all messages of a datagram.
    if (!events_.empty() && events_.back().what == shard_event::kind::readable &&
        events_.back().who.get() == &who)
        return;
    note(shard_event::kind::readable, who);
}

void shard_events::moved(dispatch::member& who, const wire::path& before) noexcept
{
    note(shard_event::kind::moved, who);
    events_.back().before = before;
    events_.back().after = who.path();
}

void shard_events::ended(dispatch::member& who, bool was_session) noexcept
{
    note(was_session ? shard_event::kind::ended_session : shard_event::kind::ended_handshake, who);
}

void shard_events::note(shard_event::kind what, dispatch::member& who) noexcept
{
    events_.push_back({what, who.shared_from_this(), {}, {}, {}});
}

}  // namespace quivive::detail
