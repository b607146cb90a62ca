#include "dispatch/dispatcher.hpp"
#include "record/detached_protection.hpp"

#include <new>
#include <span>

// Export of sessions to another process, and import from one.
namespace quivive::dispatch {

using sessions::ending;
using sessions::saved_session;

std::optional<saved_session> dispatcher::save(const member& who, time_point now) const
{
    auto saved = who.save(now);
    if (!saved) return std::nullopt;
    saved->shard = static_cast<std::uint32_t>(parts_.ids.shard);
    saved->proven = who.proven;
    saved->hello_mark = who.made_by;
    return saved;
}

void dispatcher::leave(member& who, ending why) noexcept
{
    if (why == ending::exported) parts_.counters.sessions_exported.add();
    give_up(who, why);
}

adoption dispatcher::list_adopted(member& who) noexcept
try {
    const bool has_id = !who.id.empty();
    if (has_id && !ids_.add(who.shared_from_this())) return adoption::taken;
    return place(who) || has_id ? adoption::adopted : adoption::no_room;  // else unreachable
} catch (const std::bad_alloc&) {
    return adoption::no_room;
}

adoption dispatcher::adopt(const saved_session& saved, std::shared_ptr<record::aead_cache> ciphers,
                           time_point now) noexcept
try {
    // An unvalidated handshake may be displaced for an imported session.
    const bool full = occupancy_.size() >= parts_.terms.limits->max_sessions;
    auto* const displaced = full ? occupancy_.half_open().all().oldest(standing::in_doubt) : nullptr;
    if (stopping_ || (full && !displaced)) return adoption::no_room;
    const bool has_id = saved.ids && !saved.ids->own.empty();
    if (has_id && saved.ids->own.size() != parts_.ids.codec.length()) return adoption::unreadable_id;
    // A session without an id takes the slot of its address, as if its Finished had just arrived. A session
    // with an id in that slot stays reachable by the id.
    const auto* const there = find(saved.path);
    if (!has_id && there && there->session && !there->session->has_id()) return adoption::taken;

    std::unique_ptr<record::connection_ids> ids;
    if (saved.ids) {
        ids = std::make_unique<record::connection_ids>(*saved.ids);
        parts_.ids.random(std::as_writable_bytes(std::span{ids->seed}));
    }
    const auto who = std::make_shared<member>(saved.path, parts_.terms.limits, pool_, now);
    who->made_by = saved.hello_mark;
    who->proven = saved.proven;
    if (has_id) who->id = saved.ids->own;
    who->resume(saved,
                std::make_unique<record::detached_protection>(saved.keys, parts_.terms.handshakes.mtu,
                                                              std::move(ciphers), std::move(ids)),
                now);
    who->roam_by(move_terms_);
    // It counts for its source, but the source's quota does not refuse it, since it was admitted once.
    occupancy_.add(who->origin());
    if (const auto found = list_adopted(*who); found != adoption::adopted) {
        occupancy_.remove(who->origin());
        return found;
    }
    if (displaced) give_up(*displaced, ending::displaced);
    ++sessions_;
    parts_.counters.sessions_imported.add();
    update_gauges();
    reschedule(*who);
    parts_.listener.established(*who);
    if (!who->messages().empty()) parts_.listener.readable(*who);
    return adoption::adopted;
} catch (const std::exception&) {
    return adoption::no_room;
}

}  // namespace quivive::dispatch
