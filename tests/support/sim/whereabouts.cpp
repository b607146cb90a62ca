#include "support/sim/whereabouts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace quivive::test::sim {

namespace {

std::size_t hash_of(wire::bytes bytes) { return std::hash<std::string_view>{}(wire::as_text(bytes)); }

std::size_t hash_of(const wire::path& path) { return hash_of(path.peer.address) * 31 + path.peer.port; }

/// Calls `visit` for each record with one of the server's connection ids.
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

const dispatch::connection* whereabouts::session_of(wire::bytes id) const
{
    const auto found = std::ranges::find_if(places_, [&](const auto& each) { return each.first->id.is(id); });
    return found == places_.end() ? nullptr : found->first;
}

std::size_t whereabouts::will_route(const wire::path& from, wire::bytes datagram)
{
    routing_ = true;
    from_ = from;
    highest_ = 0;
    lone_ = {};
    must_return_ = seen_before_ = false;
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

/// Notes an authentic record on its way to the server. `leads`: the datagram's first record has an id.
/// Otherwise it may be from anyone and be dropped.
void whereabouts::note(const wire::record_view& record, const wire::path& from, bool leads, bool alone)
{
    auto& known = numbers_[hash_of(record.connection_id)];
    const auto number = record.number();
    if (const auto* connection = session_of(record.connection_id)) {
        const bool newest = connection->is_open() && (!known.possible || number > *known.possible);
        auto& last = places_[connection];
        last.surely.refill(limits_.move_interval, now_);
        highest_ = std::max(highest_, number);
        if (alone) note_lone(*connection, record, from);
        if (!seen_.insert(hash_of(record.whole)).second) seen_before_ = true;
        if (newest && alone) must_take_ = true;
        if (newest && leads && from != last.at && last.surely.left >= 1 && now_ >= last.perhaps_held_until)
            must_move_.push_back(connection);
        if (!known.taken || number > *known.taken) {
            movable_.push_back(connection);
            if (leads) known.taken = number;
        }
    }
    known.possible = std::max(known.possible.value_or(0), number);
}

/// RFC 9146 6: checks whether a copy of the record has moved the session to another address.
void whereabouts::note_lone(const dispatch::connection& connection, const wire::record_view& record,
                            const wire::path& from)
{
    if (!connection.is_open()) return;
    const auto& last = places_[&connection];
    lone_ = {hash_of(record.whole), &connection};
    must_return_ = moves_ != move_policy::trusted && !last.perhaps_elsewhere && !reached_(last.at.peer) &&
                   last.at != last.begun_at && from == last.begun_at && record.number() >= last.left_with &&
                   taken_.contains(lone_.hash);
}

void whereabouts::established(const dispatch::connection& connection)
{
    if (connection.has_id()) places_[&connection] = {.at = connection.path(), .begun_at = connection.path()};
}

void whereabouts::allowance::refill(duration interval, time_point now)
{
    constexpr double most = sessions::path_validator::max_moves_in_a_row;
    const auto passed = std::chrono::duration<double>(now - std::exchange(counted_at, now));
    left = interval.count() == 0 ? most : std::min(most, left + passed / interval);
}

void whereabouts::count_move(place& known_at, bool was_there)
{
    if (now_ < known_at.held_until) fail_("a session moves right after one of its moves was reverted");
    known_at.surely.left -= 1;
    known_at.perhaps.refill(limits_.move_interval, now_);
    if (was_there) return;
    known_at.perhaps.left -= 1;
    if (known_at.perhaps.left < -1e-6) fail_("a session moves too often");
}

/// RFC 9146 6, RFC 9853 5.5.
void whereabouts::moved(const dispatch::connection& connection, bool was_there)
{
    const auto found = places_.find(&connection);
    if (found == places_.end()) return fail_("a session without a connection id moves");
    auto& known_at = found->second;
    known_at.perhaps_elsewhere = known_at.perhaps_elsewhere || moves_ == move_policy::trusted ||
                                 (known_at.at != known_at.begun_at && reached_(known_at.at.peer));
    if (known_at.at == known_at.begun_at) known_at.left_with = highest_;
    known_at.at = connection.path();
    if (!routing_) {
        if (!was_there) fail_("a session returns to an address where its peer has never been");
        return;
    }
    const bool follows = std::ranges::find(movable_, &connection) != movable_.end();
    const bool returns = was_there && seen_before_;
    if (connection.path() != from_ || (!follows && !returns))
        return fail_("a session is moved by a record that is not its peer's newest");
    if (follows) count_move(known_at, was_there);
    if (!returns) return;
    known_at.perhaps_held_until = now_ + sessions::path_validator::move_pause;
    if (!follows) known_at.held_until = known_at.perhaps_held_until;
}

void whereabouts::routed(bool taken)
{
    routing_ = false;
    movable_.clear();
    if (taken && lone_.to) taken_.insert(lone_.hash);
    if (const auto there = places_.find(lone_.to); must_return_ && there != places_.end())
        if (there->second.at != there->second.begun_at)
            fail_("a session stays at a copy's address after the original has arrived");
    if (std::exchange(must_take_, false) && !taken)
        fail_("a session rejects an authentic record of its peer");
    for (const auto* connection : std::exchange(must_move_, {})) {
        const auto there = places_.find(connection);  // it may have ended
        if (there != places_.end() && there->second.at != from_) fail_("a session does not follow its peer");
    }
}

}  // namespace quivive::test::sim
