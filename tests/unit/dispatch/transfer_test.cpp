#include "unit/dispatch/departure.hpp"

#include <algorithm>
#include <utility>
#include <vector>

using namespace quivive;
using namespace quivive::test;
using dispatch::import_outcome;

namespace {

/// The last sequence number of the first protected epoch.
constexpr std::uint64_t last_number = (std::uint64_t{2} << 48) - 1;
constexpr std::uint64_t kept_for_alerts = 16;

/// Returns the sequence numbers of the server's undelivered records in epoch 0.
std::vector<std::uint64_t> numbers_in_clear(const world& around)
{
    std::vector<std::uint64_t> numbers;
    for (const auto& [path, datagram] : around.outgoing)
        for (const auto& record : records_of(datagram))
            if (record.epoch == 0) numbers.push_back(record.sequence);
    return numbers;
}

std::uint64_t number_of(const octets& datagram) { return wire::first_record(datagram).value().sequence; }

}  // namespace

TEST_CASE("transfer: another process continues a session, with sequence numbers that were never used")
{
    const bool ids = GENERATE(true, false);
    departure from{ids};
    REQUIRE(from.around.server->send(*from.session, wire::as_bytes("last"), from.around.now, from.around) ==
            record::sealed::sent);
    const auto last = number_of(from.around.outgoing.back().second);
    from.client->take(from.around.outgoing.back().second);
    CHECK(from.client->read() == "last");
    const auto saved = from.save();
    from.around.server->remove_exported(*from.session);
    CHECK(from.session->close_reason() == sessions::close_reason::exported);
    CHECK(from.around.server->size() == 0);
    CHECK(from.around.counted().sessions_exported == 1);

    world to;
    if (ids) to.use_ids();
    REQUIRE(to.server->import_session(saved, ciphers(), to.now) == import_outcome::imported);
    REQUIRE(to.listener.sessions.size() == 1);
    const auto session = to.listener.sessions.front();
    CHECK(session->has_id() == ids);
    CHECK(session->path() == from.client->path());
    CHECK(session->take_facts()->imported);

    REQUIRE(to.server->send(*session, wire::as_bytes("first"), to.now, to) == record::sealed::sent);
    CHECK(number_of(to.outgoing.back().second) == last + 1 + sessions::sequence_gap);
    from.client->take(to.outgoing.back().second);
    CHECK(from.client->read() == "first");
    from.client->send("question");
    CHECK(to.route(from.client->path(), from.client->sent.back()).disposition ==
          dispatch::disposition::delivered);
    CHECK(wire::as_text(session->messages().front().bytes()) == "question");
    CHECK(to.counted().sessions_imported == 1);
}

TEST_CASE("RFC 8449 4: the peer's record size limit is transferred and still applies")
{
    departure from{false};
    auto saved = from.save();
    CHECK(saved.keys.size_limit == wire::max_record_plaintext);
    saved.keys.size_limit = 512;
    world between, to;
    REQUIRE(between.server->import_session(saved, ciphers(), between.now) == import_outcome::imported);
    const auto again = between.server->save(*between.listener.sessions.front(), between.now).value();
    REQUIRE(to.server->import_session(again, ciphers(), to.now) == import_outcome::imported);
    auto& session = *to.listener.sessions.front();
    CHECK(session.max_message_size() == 512);
    CHECK(to.server->send(session, octets(513), to.now, to) == record::sealed::too_large);
    REQUIRE(to.server->send(session, octets(512, std::byte{'x'}), to.now, to) == record::sealed::sent);
    from.client->take(to.outgoing.back().second);
    CHECK(from.client->read() == std::string(512, 'x'));
}

TEST_CASE("RFC 6347 4.1.2.6: the replay window is transferred")
{
    departure from{false};
    from.client->send("once");
    (void)from.around.deliver(*from.client);
    world to;
    REQUIRE(to.server->import_session(from.save(), ciphers(), to.now) == import_outcome::imported);
    CHECK(to.route(from.client->path(), from.client->sent.back()).reason == drop_reason::replayed_record);
}

TEST_CASE("transfer: unread messages are transferred in order")
{
    departure from{false};
    for (const auto* text : {"one", "two", "three"}) {
        from.client->send(text);
        (void)from.around.deliver(*from.client);
    }
    world to;
    REQUIRE(to.server->import_session(from.save(), ciphers(), to.now) == import_outcome::imported);
    auto& messages = to.listener.sessions.front()->messages();
    for (const auto* text : {"one", "two", "three"}) {
        REQUIRE(!messages.empty());
        CHECK(wire::as_text(messages.pop()->bytes()) == text);
    }
    CHECK(messages.empty());
    CHECK(to.listener.readables == 1);
}

TEST_CASE("RFC 6347 4.2.4: the last flight is transferred, for a peer that repeats its Finished")
{
    departure from{false};
    const auto saved = from.save();
    CHECK(!saved.last_flight.empty());
    CHECK(saved.flight_kept <= from.around.limits.last_flight_kept);
    from.around.pass(from.around.limits.last_flight_kept);
    CHECK(from.save().last_flight.empty());
}

TEST_CASE("RFC 6347 4.2.4, 4.2.2: another process retransmits the last flight with new sequence numbers")
{
    const bool ids = GENERATE(true, false);
    world from{{}, {}, any_server_context(), any_client_context(), ciphers()};
    if (ids) from.use_ids();
    auto& client = from.add_client();
    CHECK(from.begin(client).disposition == dispatch::disposition::delivered);
    auto used = numbers_in_clear(from);
    for (const auto& [path, datagram] : std::exchange(from.outgoing, {})) client.take(datagram);
    while (!client.outgoing.empty()) (void)from.deliver(client);
    const auto last_flight = numbers_in_clear(from);
    REQUIRE(!last_flight.empty());
    used.insert(used.end(), last_flight.begin(), last_flight.end());
    from.outgoing.clear();  // lost
    CHECK_FALSE(client.connected());
    const auto saved = from.server->save(*from.session_of(client), from.now);
    REQUIRE(saved);

    world to;
    if (ids) to.use_ids();
    REQUIRE(to.server->import_session(*saved, ciphers(), to.now) == import_outcome::imported);
    from.now = client.association().next_wake();
    client.on_timer();
    while (!client.outgoing.empty()) {
        (void)to.route(client.path(), client.outgoing.front());
        client.outgoing.pop_front();
    }
    CHECK(to.counted().flights_repeated == 1);
    const auto repeated = numbers_in_clear(to);
    CHECK(repeated.size() == last_flight.size());
    CHECK(std::ranges::min(repeated) == std::ranges::max(used) + 1);
    // The Finished has a new number too. The gap covers the numbers that the other process may have used.
    const auto finished = records_of(to.outgoing.back().second).back();
    REQUIRE(finished.epoch == 1);
    CHECK(finished.sequence == 1 + sessions::sequence_gap);
    for (const auto& [path, datagram] : std::exchange(to.outgoing, {})) client.take(datagram);
    CHECK(client.connected());

    client.send("question");
    CHECK(to.route(client.path(), client.outgoing.front()).disposition == dispatch::disposition::delivered);
    REQUIRE(!to.listener.sessions.front()->messages().empty());
    CHECK(wire::as_text(to.listener.sessions.front()->messages().front().bytes()) == "question");
}

TEST_CASE("transfer: an import fails for a taken address or id, for a foreign id and without capacity")
{
    const bool ids = GENERATE(true, false);
    departure from{ids};
    auto saved = from.save();
    CHECK(from.around.server->import_session(saved, ciphers(), from.around.now) == import_outcome::in_use);

    quivive::limits limits;
    limits.max_sessions = 1;
    world full{limits};
    (void)full.connect(7);
    CHECK(full.server->import_session(saved, ciphers(), full.now) == import_outcome::no_capacity);

    world stopping;
    stopping.server->refuse_new_handshakes();
    CHECK(stopping.server->import_session(saved, ciphers(), stopping.now) == import_outcome::no_capacity);

    if (!ids) return;
    saved.ids->own = wire::own_connection_id{octets(9, std::byte{1})};
    world other;
    CHECK(other.server->import_session(saved, ciphers(), other.now) == import_outcome::unreadable_id);
    CHECK(other.server->size() == 0);
}

TEST_CASE("transfer: unestablished, GnuTLS-protected and exhausted sessions cannot be exported")
{
    const bool aead_limit_reached = GENERATE(true, false);
    departure worn{true};
    auto saved = worn.save();
    // The next number is at the end of the sequence space, or so near that the gap of a transfer reaches
    // beyond it. Two records never share a number (RFC 5288 3).
    saved.keys.next_write = last_number - (aead_limit_reached ? 0 : 1'000);
    world to;
    to.use_ids();
    REQUIRE(to.server->import_session(saved, ciphers(), to.now) == import_outcome::imported);
    CHECK(!to.server->save(*to.listener.sessions.front(), to.now));

    world attached;
    auto& client = attached.connect();
    CHECK(!attached.server->save(*attached.session_of(client), attached.now));

    departure from{false};
    from.around.server->close(*from.session, sessions::close_reason::closed_here, from.around.now,
                              from.around);
    CHECK(!from.around.server->save(*from.session, from.around.now));
}

TEST_CASE(
    "RFC 6347 4.1: a session that runs out of sequence numbers ends, and can still send its close_notify")
{
    departure from{true};
    auto saved = from.save();
    saved.keys.next_write = last_number - kept_for_alerts;
    world to;
    to.use_ids();
    REQUIRE(to.server->import_session(saved, ciphers(), to.now) == import_outcome::imported);
    const auto session = to.listener.sessions.front();
    REQUIRE(to.server->send(*session, wire::as_bytes("last"), to.now, to) == record::sealed::sent);
    CHECK(to.server->send(*session, wire::as_bytes("one more"), to.now, to) == record::sealed::exhausted);
    CHECK(session->phase() == sessions::phase::closed);
    REQUIRE(to.listener.ends.size() == 1);
    CHECK(to.listener.ends.front().why == sessions::close_reason::sequence_exhausted);
    CHECK(to.server->size() == 0);
    REQUIRE(to.outgoing.size() == 2);
    for (const auto& [path, datagram] : to.outgoing) from.client->take(datagram);
    CHECK(from.client->read() == "last");
    CHECK(from.client->association().close_reason() == sessions::close_reason::peer_closed);
}
