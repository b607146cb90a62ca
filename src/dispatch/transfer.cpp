#include "dispatch/dispatcher.hpp"
#include "record/detached_protection.hpp"

#include <new>
#include <span>

// Export of sessions to another process, and import from one.
namespace quivive::dispatch {

using sessions::close_reason;
using sessions::saved_session;

std::optional<saved_session> dispatcher::save(const connection& connection, time_point now) const
{
    auto saved = connection.save(now);
    if (!saved) return std::nullopt;
    saved->shard = static_cast<std::uint32_t>(dependencies_.ids.shard);
    saved->validated = connection.validated;
    saved->client_random_digest = connection.client_random;
    return saved;
}

void dispatcher::remove_exported(connection& connection, close_reason why) noexcept
{
    if (why == close_reason::exported) dependencies_.counters.sessions_exported.add();
    abort(connection, why);
}

import_outcome dispatcher::index_imported(connection& connection) noexcept
try {
    const bool has_id = !connection.id.empty();
    if (has_id && !ids_.add(connection.shared_from_this())) return import_outcome::in_use;
    return index(connection) || has_id ? import_outcome::imported
                                       : import_outcome::no_capacity;  // otherwise the session is unreachable
} catch (const std::bad_alloc&) {
    return import_outcome::no_capacity;
}

import_outcome dispatcher::import_session(const saved_session& saved,
                                          std::shared_ptr<record::aead_cache> ciphers,
                                          time_point now) noexcept
try {
    // An unvalidated handshake may be displaced for an imported session.
    const bool full = occupancy_.size() >= dependencies_.config.limits->max_sessions;
    auto* const displaced = full ? occupancy_.half_open().all().oldest(validation::unvalidated) : nullptr;
    if (stopping_ || (full && !displaced)) return import_outcome::no_capacity;
    const bool has_id = saved.ids && !saved.ids->own.empty();
    if (has_id && saved.ids->own.size() != dependencies_.ids.codec.length())
        return import_outcome::unreadable_id;
    // A session without an id takes the slot of its address, as if its Finished had just arrived. A session
    // with an id in that slot stays reachable by the id.
    const auto* const there = find(saved.path);
    if (!has_id && there && there->session && !there->session->has_id()) return import_outcome::in_use;

    std::unique_ptr<record::connection_ids> ids;
    if (saved.ids) {
        ids = std::make_unique<record::connection_ids>(*saved.ids);
        dependencies_.ids.random(std::as_writable_bytes(std::span{ids->seed}));
    }
    const auto connection =
        std::make_shared<dispatch::connection>(saved.path, dependencies_.config.limits, pool_, now);
    connection->client_random = saved.client_random_digest;
    connection->validated = saved.validated;
    if (has_id) connection->id = saved.ids->own;
    connection->resume(
        saved,
        std::make_unique<record::detached_protection>(saved.keys, dependencies_.config.handshakes.mtu,
                                                      std::move(ciphers), std::move(ids)),
        now);
    connection->use_move_config(move_config_);
    // It counts for its source, but the source's quota does not refuse it, since it was admitted once.
    occupancy_.add(connection->origin());
    if (const auto found = index_imported(*connection); found != import_outcome::imported) {
        occupancy_.remove(connection->origin());
        return found;
    }
    if (displaced) abort(*displaced, close_reason::displaced);
    ++sessions_;
    dependencies_.counters.sessions_imported.add();
    update_gauges();
    reschedule(*connection);
    dependencies_.listener.established(*connection);
    if (!connection->messages().empty()) dependencies_.listener.readable(*connection);
    return import_outcome::imported;
} catch (const std::exception&) {
    return import_outcome::no_capacity;
}

}  // namespace quivive::dispatch
