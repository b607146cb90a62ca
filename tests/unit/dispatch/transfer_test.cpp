#include "support/catch.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

using namespace quivive;
using namespace quivive::test;
using dispatch::adoption;

namespace {

std::shared_ptr<record::aead_cache> ciphers()
{
    return std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 16);
}

/// A world with a client whose session can leave.
struct departure {
    explicit departure(bool ids, quivive::limits limits = {})
        : around{limits, {}, any_server_context(), any_client_context(), ciphers()}
    {
        if (ids) around.use_ids();
        client = &around.connect();
        session = around.session_of(*client);
        REQUIRE(session);
    }
    sessions::saved_session save() const
    {
        auto saved = around.server->save(*session, around.now);
        REQUIRE(saved);
        return *saved;
    }
    world around;
    remote* client = nullptr;
    std::shared_ptr<dispatch::member> session;
};

std::uint64_t number_of(const octets& datagram) { return wire::first_record(datagram).value().sequence; }

}  // namespace

TEST_CASE("transfer: another process goes on where the first has stopped, with numbers that it never used")
{
    const bool ids = GENERATE(true, false);
    departure from{ids};
    REQUIRE(from.around.server->send(*from.session, wire::as_bytes("last"), from.around) ==
            record::sealed::sent);
    const auto last = number_of(from.around.outgoing.back().second);
    from.client->take(from.around.outgoing.back().second);
    CHECK(from.client->read() == "last");
    const auto saved = from.save();
    from.around.server->leave(*from.session);
    CHECK(from.session->why() == sessions::ending::exported);
    CHECK(from.around.server->size() == 0);
    CHECK(from.around.counted().sessions_exported == 1);

    world to;
    if (ids) to.use_ids();
    REQUIRE(to.server->adopt(saved, ciphers(), to.now) == adoption::adopted);
    REQUIRE(to.listener.sessions.size() == 1);
    const auto session = to.listener.sessions.front();
    CHECK(session->has_id() == ids);
    CHECK(session->path() == from.client->path());
    CHECK(session->take_facts()->imported);

    REQUIRE(to.server->send(*session, wire::as_bytes("first"), to) == record::sealed::sent);
    CHECK(number_of(to.outgoing.back().second) == last + 1 + sessions::sequence_gap);
    from.client->take(to.outgoing.back().second);
    CHECK(from.client->read() == "first");
    from.client->send("question");
    CHECK(to.route(from.client->path(), from.client->sent.back()).verdict == dispatch::verdict::delivered);
    CHECK(wire::as_text(session->messages().front().bytes()) == "question");
    CHECK(to.counted().sessions_imported == 1);
}

TEST_CASE("RFC 6347 4.1.2.6: the replay window goes along")
{
    departure from{false};
    from.client->send("once");
    (void)from.around.deliver(*from.client);
    world to;
    REQUIRE(to.server->adopt(from.save(), ciphers(), to.now) == adoption::adopted);
    CHECK(to.route(from.client->path(), from.client->sent.back()).reason == drop_reason::replayed_record);
}

TEST_CASE("transfer: messages that nobody has read go along in their order")
{
    departure from{false};
    for (const auto* text : {"one", "two", "three"}) {
        from.client->send(text);
        (void)from.around.deliver(*from.client);
    }
    world to;
    REQUIRE(to.server->adopt(from.save(), ciphers(), to.now) == adoption::adopted);
    auto& messages = to.listener.sessions.front()->messages();
    for (const auto* text : {"one", "two", "three"}) {
        REQUIRE(!messages.empty());
        CHECK(wire::as_text(messages.pop()->bytes()) == text);
    }
    CHECK(messages.empty());
    CHECK(to.listener.readables == 1);
}

TEST_CASE("RFC 6347 4.2.4: the last flight goes along, for a peer that repeats its Finished")
{
    departure from{false};
    const auto saved = from.save();
    CHECK(!saved.last_flight.empty());
    CHECK(saved.flight_kept <= from.around.limits.last_flight_kept);
    world to;
    REQUIRE(to.server->adopt(saved, ciphers(), to.now) == adoption::adopted);
    auto later = from.save();
    from.around.pass(from.around.limits.last_flight_kept);
    CHECK(from.save().last_flight.empty());
}

TEST_CASE(
    "transfer: a session whose address or id is taken, for which there is no room, or with a strange id is "
    "not "
    "taken over")
{
    const bool ids = GENERATE(true, false);
    departure from{ids};
    auto saved = from.save();
    CHECK(from.around.server->adopt(saved, ciphers(), from.around.now) == adoption::taken);

    quivive::limits limits;
    limits.max_sessions = 1;
    world full{limits};
    (void)full.connect(7);
    CHECK(full.server->adopt(saved, ciphers(), full.now) == adoption::no_room);

    world stopping;
    stopping.server->refuse_newcomers();
    CHECK(stopping.server->adopt(saved, ciphers(), stopping.now) == adoption::no_room);

    if (!ids) return;
    saved.ids->own = wire::own_connection_id{octets(9, std::byte{1})};
    world other;
    CHECK(other.server->adopt(saved, ciphers(), other.now) == adoption::unreadable_id);
    CHECK(other.server->size() == 0);
}

TEST_CASE("transfer: what is not established, what GnuTLS protects, and what is worn out cannot leave")
{
    world attached;
    auto& client = attached.connect();
    CHECK(!attached.server->save(*attached.session_of(client), attached.now));

    departure from{false};
    from.around.server->close(*from.session, sessions::ending::closed_here, from.around.now, from.around);
    CHECK(!from.around.server->save(*from.session, from.around.now));
}
