#include "support/sim/whereabouts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace quivive::test::sim {

namespace {

std::size_t hash_of(wire::bytes bytes) { return std::hash<std::string_view>{}(wire::as_text(bytes)); }

std::size_t hash_of(const wire::path& path) { return hash_of(path.peer.address) * 31 + path.peer.port; }

/// Calls `visit` for each record with an id of the server's.
template <typename Visit>
void for_each_record(wire::bytes datagram, Visit visit)
{
    for (wire::record_cutter cutter{datagram, id_size}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (record && record->is(wire::content_type::tls12_cid)) visit(*record);
    }
}

}  // namespace

void whereabouts::said(wire::bytes datagram)
{
    for_each_record(datagram, [&](const auto& record) { genuine_.insert(hash_of(record.whole)); });
}

const dispatch::member* whereabouts::session_of(wire::bytes id) const
{
    const auto found = std::ranges::find_if(places_, [&](const auto& each) { return each.first->id.is(id); });
    return found == places_.end() ? nullptr : found->first;
}

std::size_t whereabouts::will_route(const wire::path& from, wire::bytes datagram)
{
    routing_ = true;
    from_ = from;
    std::size_t credit = 0;
    const auto first = wire::first_record(datagram, id_size);
    const bool leads = first && first->is(wire::content_type::tls12_cid);
    for_each_record(datagram, [&](const wire::record_view& record) {
        const auto hash = hash_of(record.whole);
        if (!genuine_.contains(hash)) return;
        if (credited_.insert(hash ^ hash_of(from) * 0x9e3779b97f4a7c15).second) credit += record.whole.size();
        note(record, from, leads, record.whole.size() == datagram.size());
    });
    return credit;
}

/// An authentic record is on its way into the server. `leads`: the datagram's first record has an id, else it
/// may be anybody's, and be dropped.
void whereabouts::note(const wire::record_view& record, const wire::path& from, bool leads, bool alone)
{
    auto& known = numbers_[hash_of(record.connection_id)];
    const auto number = record.number();
    if (const auto* who = session_of(record.connection_id)) {
        const bool newest = who->is_open() && (!known.possible || number > *known.possible);
        const auto& last = places_[who];
        if (newest && alone) must_take_ = true;
        if (newest && leads && from != last.at && now_ >= last.movable) must_move_.push_back(who);
        if (!known.taken || number > *known.taken) {
            movable_.push_back(who);
            if (leads) known.taken = number;
        }
    }
    known.possible = std::max(known.possible.value_or(0), number);
}

void whereabouts::established(const dispatch::member& who)
{
    if (who.has_id()) places_[&who] = {who.path()};
}

/// RFC 9146 6, RFC 9853 5.5.
void whereabouts::moved(const dispatch::member& who, bool was_there)
{
    const auto found = places_.find(&who);
    if (found == places_.end()) return fail_("a session without a connection id moves");
    auto& known_at = found->second;
    known_at.at = who.path();
    if (!routing_) {
        if (!was_there) fail_("a session goes back to where its peer has never been");
        return;
    }
    if (std::ranges::find(movable_, &who) == movable_.end() || who.path() != from_)
        return fail_("a session is moved by what is not the newest record of its peer");
    if (now_ < known_at.movable) fail_("a session moves too often");
    known_at.movable = now_ + limits_.move_interval;
}

void whereabouts::routed(bool taken)
{
    routing_ = false;
    movable_.clear();
    if (std::exchange(must_take_, false) && !taken)
        fail_("a session does not take what its peer says, wherever that is");
    for (const auto* who : std::exchange(must_move_, {})) {
        const auto there = places_.find(who);  // it may have ended
        if (there != places_.end() && there->second.at != from_) fail_("a session does not follow its peer");
    }
}

}  // namespace quivive::test::sim
