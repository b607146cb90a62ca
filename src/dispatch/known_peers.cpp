#include "dispatch/dispatcher.hpp"

#include "wire/handshake.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

namespace quivive::dispatch {

using sessions::phase;
using sessions::record_result;

namespace {

/// Overhead of a handshake for a stored record or a message fragment.
constexpr std::size_t buffer_overhead = 128;

/// Maximum number of records kept of a hello that waits for the application: 16 kB in fragments of 256 bytes.
constexpr std::size_t max_offered_records = 64;

wire::handshake_view first_message(const wire::record_view& record) noexcept
{
    wire::reader in{record.payload};
    return wire::read_handshake(in);
}

/// Returns whether the record is an unencrypted first fragment of a ClientHello. It may come from a new
/// client at the address of a known one.
bool begins_client_hello(const wire::record_view& record) noexcept
{
    if (record.epoch != 0 || !record.is(wire::content_type::handshake)) return false;
    wire::reader in{record.payload};
    const auto message = wire::read_handshake(in);
    return in.ok() && message.type == wire::handshake_type::client_hello && message.fragment_offset == 0;
}

/// Returns whether the record is an unencrypted later fragment of a ClientHello.
bool is_rest_of_hello(const wire::record_view& record) noexcept
{
    const auto read = wire::read_client_hello(record);
    const auto* reason = std::get_if<drop_reason>(&read);
    return reason && *reason == drop_reason::rest_of_challenged_hello;
}

/// Returns the number of bytes in records with a connection id. These count for the path of their session
/// (`sessions::path_validator`), and only once.
std::size_t bytes_with_ids(wire::bytes datagram, std::size_t id_size) noexcept
{
    std::size_t sum = 0;
    for (wire::record_cutter cutter{datagram, id_size}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (record && record->is(wire::content_type::tls12_cid)) sum += record->whole.size();
    }
    return sum;
}

}  // namespace

/// Processes all records of a datagram (RFC 6347 4.1.1). The result is:
/// - delivered, when at least one record was consumed
/// - answered, when a new ClientHello in it was challenged
/// - dropped otherwise, for the reason of the first record
decision dispatcher::route_known_peer(const wire::path& path, wire::bytes datagram, time_point now,
                                      wire::outbox& out) noexcept
{
    const auto unvalidated = find_unvalidated(path);
    if (unvalidated) {
        limiter_of(*unvalidated)
            .received(datagram.size() - bytes_with_ids(datagram, dependencies_.ids.codec.length()));
        unvalidated->unvalidated()->last_received = now;
    }
    bool was_known = false;
    std::optional<decision> result;
    const auto note = [&](record_result what) {
        if (!what.consumed) dependencies_.counters.discarded.note(what.reason);
        if (what.consumed)
            result = {disposition::delivered, {}};
        else if (!result)
            result = decision::dropped(what.reason);
    };

    for (wire::record_cutter cutter{datagram, dependencies_.ids.codec.length()}; !cutter.done();) {
        const auto rest = cutter.rest();
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        const auto* known = find(path);
        was_known = was_known || known != nullptr;
        if (!record) {
            note(record_result::dropped(std::get<drop_reason>(cut)));
        } else if (record->is(wire::content_type::tls12_cid)) {
            note(route_by_id(*record, path, now, out));
        } else if (!known) {
            // An earlier record has removed it. Or there was none, and the datagram came here for its
            // tls12_cid record.
            note(record_result::dropped(was_known ? drop_reason::session_closing
                                                  : drop_reason::unexpected_record));
        } else if (const auto handshake = route_new_handshake(*known, path, *record, rest, now, out)) {
            if (!result || result->disposition != disposition::delivered) result = handshake;
            break;  // the rest of the datagram belongs to the new ClientHello
        } else {
            note(feed_slot(*known, *record, now, out));
        }
    }
    begin_next_step(now, out);
    if (unvalidated && unvalidated->unvalidated() && unvalidated->unvalidated()->exceeds_limit)
        return challenge_instead(*unvalidated, now, out);
    return *result;
}

/// An unvalidated handshake does not count: the datagram may belong to a validated connection of another
/// shard.
bool dispatcher::has_connection(const wire::path& path) const noexcept
{
    const auto* const held = find(path);
    return held && (held->session || !held->handshake->unvalidated());
}

bool dispatcher::is_indexed(const connection& connection) const noexcept
{
    const auto* const held = find(connection.path());
    return held && (held->session.get() == &connection || held->handshake.get() == &connection);
}

/// Returns the unvalidated handshake at this address, or null.
std::shared_ptr<connection> dispatcher::find_unvalidated(const wire::path& path) const noexcept
{
    const auto* known = find(path);
    return known && known->handshake && known->handshake->unvalidated() ? known->handshake : nullptr;
}

/// RFC 6347 4.2.8: handles a new ClientHello on a live association like that of an unknown peer. The
/// association stays unchanged until the Finished of the new handshake. Returns empty when the record is no
/// such ClientHello.
std::optional<decision> dispatcher::route_new_handshake(const slot& known, const wire::path& path,
                                                        const wire::record_view& record, wire::bytes rest,
                                                        time_point now, wire::outbox& out) noexcept
{
    if (!begins_client_hello(record)) return std::nullopt;
    const auto read = wire::read_client_hello(record);
    const auto* hello = std::get_if<wire::client_hello_view>(&read);
    if (!hello) return std::nullopt;
    // A ClientHello with a cookie is not a retransmission of the one without. The peer was challenged
    // meanwhile, so the handshake without a cookie is of no more use to it.
    const bool replaces_handshake =
        known.handshake && known.handshake->unvalidated() && !hello->cookie.empty();
    if (known.handshake && known.handshake->was_begun_by(hello->random) && !replaces_handshake)
        return std::nullopt;
    if (known.session && known.session->was_begun_by(hello->random)) {
        dependencies_.counters.discarded.note(drop_reason::stale_client_hello);
        return decision::dropped(drop_reason::stale_client_hello);
    }
    return on_client_hello(path, *hello, rest, now, out);
}

record_result dispatcher::feed_slot(const slot& known, const wire::record_view& record, time_point now,
                                    wire::outbox& out) noexcept
{
    // Copies, since processing a record may change the table.
    const auto session = known.session;
    const auto handshake = known.handshake;

    if (record.epoch == 0 || !session) {
        if (handshake) return feed_connection(*handshake, record, handshake->path(), now, out);
        return record_result::dropped(is_rest_of_hello(record) ? drop_reason::rest_of_challenged_hello
                                                               : drop_reason::plaintext_on_session);
    }
    if (!handshake) return feed_connection(*session, record, session->path(), now, out);

    // Both have an epoch 1. A handshake record is the Finished of the new handshake, unless that handshake is
    // unvalidated. Other records go to the session first. If one does not verify there, it may be data that
    // overtook the new Finished, and goes to the handshake.
    if (record.is(wire::content_type::handshake) && !handshake->unvalidated())
        return feed_connection(*handshake, record, handshake->path(), now, out);
    const auto result = feed_connection(*session, record, session->path(), now, out);
    return result.consumed ? result : feed_connection(*handshake, record, handshake->path(), now, out);
}

record_result dispatcher::feed_connection(connection& connection, const wire::record_view& record,
                                          const wire::path& via, time_point now, wire::outbox& out) noexcept
{
    const auto keep = connection.shared_from_this();
    const auto before = connection.phase();
    if (before == phase::offered && is_rest_of_hello(record)) return buffer_for_offer(connection, record);
    if (before != phase::handshaking) {
        const auto was_at = connection.path();
        const auto result = connection.on_record(record, via, now, out);
        note_move(connection, was_at);
        apply_transition(connection, before);
        return result;
    }
    if (dependencies_.workers && !runs_here(connection, record))
        return buffer_for_step(connection, record, now, out);
    record_result result;
    const auto room = buffer_capacity_for(connection, record.whole.size() + buffer_overhead);
    const auto most = connection.max_held();  // includes its hello, where that is kept
    connection.limit_held_bytes(
        std::min(connection.held_bytes() + room, most - std::min(most, connection.pending->hello.size())));
    dependencies_.work.begin();
    within_amplification_limit(connection, out, [&](wire::outbox& allowed) {
        result = connection.on_record(record, via, now, allowed);
    });
    load_.add_work(dependencies_.work.end(), now);
    update_load(now);
    apply_transition(connection, before);
    if (!result.consumed) result.reason = drop_reason_for(room, record.whole.size(), result.reason);
    return result;
}

/// Returns how many more bytes all handshakes together may store (`limits::half_open_bytes_total`). When
/// fewer than `needed` remain for a validated handshake, removes unvalidated ones, the oldest first.
std::size_t dispatcher::buffer_capacity_for(const connection& connection, std::size_t needed) noexcept
{
    const auto left = [&] {
        return occupancy_.memory().left_of(dependencies_.config.limits->half_open_bytes_total);
    };
    while (!connection.unvalidated() && left() < needed) {
        auto* const oldest = occupancy_.half_open().all().oldest(validation::unvalidated);
        if (!oldest) break;
        abort(*oldest, sessions::close_reason::displaced);
    }
    return left();
}

/// Returns the reason of a drop: `half_open_memory` when only that limit kept the record from being stored.
drop_reason dispatcher::drop_reason_for(std::size_t room, std::size_t record_size,
                                        drop_reason reason) noexcept
{
    const bool is_capacity_reason =
        reason == drop_reason::early_data_overflow || reason == drop_reason::handshake_out_of_order;
    return is_capacity_reason && room < record_size + buffer_overhead ? drop_reason::half_open_memory
                                                                      : reason;
}

/// Stores further fragments of a hello that the application has not decided on yet. A handshake started on
/// the first fragment alone would have to wait for a retransmission. Each fragment is stored once. Their
/// number is limited, since each new one is compared with all.
record_result dispatcher::buffer_for_offer(connection& connection, const wire::record_view& record) noexcept
try {
    auto& hello = connection.pending->hello;
    if (hello.size() + record.whole.size() > connection.limits().max_handshake_message_bytes)
        return record_result::dropped(drop_reason::handshake_busy);
    std::size_t count = 0;
    for (wire::record_cutter cutter{hello}; !cutter.done() && count < max_offered_records; ++count) {
        const auto cut = cutter.next();
        const auto* kept = std::get_if<wire::record_view>(&cut);
        if (!kept) break;
        if (count == 0) {
            const auto first = first_message(*kept), more = first_message(record);
            if (first.message_seq != more.message_seq || first.length != more.length)
                return record_result::dropped(drop_reason::inconsistent_fragment);
            if (first.whole()) return record_result::taken();  // a retransmission, now in fragments
        }
        if (wire::equal(kept->payload, record.payload)) return record_result::taken();
    }
    if (count == max_offered_records) return record_result::dropped(drop_reason::handshake_busy);
    if (buffer_capacity_for(connection, record.whole.size()) < record.whole.size())
        return record_result::dropped(drop_reason::half_open_memory);
    hello.insert(hello.end(), record.whole.begin(), record.whole.end());
    connection.count_held();
    return record_result::taken();
} catch (const std::bad_alloc&) {
    return record_result::dropped(drop_reason::handshake_busy);
}

}  // namespace quivive::dispatch
