// RFC 9146 6: an attacker copies a client's records and delivers them first, from another address.
#include "unit/dispatch/mobile.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

namespace {

constexpr auto hold = sessions::path_validator::move_pause;

/// A session moved by a copy of the client's newest record, which arrived from a victim's address before the
/// original.
struct raced {
    explicit raced(const connection_id_policy& policy = {.enabled = true}, bool checkable = false)
        : m{around, 0, policy}
    {
        if (!checkable) m.forget_path_checks();
        earlier = data_of(*m.client, "earlier");
        (void)around.route(home, earlier);
        original = data_of(*m.client, "raced");
        CHECK(around.route(victim, original).disposition == disposition::delivered);
        REQUIRE(m.session->path() == victim);
    }
    /// Delivers the newest record of the client from the victim's address.
    void copy(const char* text) { (void)around.route(victim, data_of(*m.client, text)); }

    world around;
    mobile m;
    wire::path home = world::path_of(1, 1'000), victim = world::path_of(77, 53);
    octets earlier, original;
};

}  // namespace

TEST_CASE("RFC 9146 6: the original of a copied record takes the move back and blocks moves for ten seconds")
{
    const auto moves = GENERATE(move_policy::limited, move_policy::sustained);
    const auto checkable = GENERATE(false, true);
    raced r{{.enabled = true, .moves = moves}, checkable};
    CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    CHECK(r.m.session->path() == r.home);
    CHECK(r.around.counted().moves_undone == 1);
    CHECK(r.around.counted().sessions_moved == 2);
    CHECK(read_all(*r.m.session) == std::vector<std::string>{"earlier", "raced"});  // once
    CHECK(r.around.listener.moves.back().second == r.home);

    r.around.pass(hold - 1ms);
    r.copy("again");
    CHECK(r.m.session->path() == r.home);
    CHECK(read_all(*r.m.session) == std::vector<std::string>{"again"});
    CHECK(r.m.echoes());
    r.around.pass(1ms);
    r.copy("and again");
    CHECK(r.m.session->path() == r.victim);
}

TEST_CASE("RFC 9146 6: a record that does not prove a faster copy takes no move back")
{
    raced r;
    SECTION("a forged record with the sequence number of a received record")
    {
        r.original.back() ^= std::byte{1};
        CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    }
    SECTION("a record that came from the former address before the move")
    {
        CHECK(r.around.route(r.home, r.earlier).reason == drop_reason::replayed_record);
    }
    SECTION("the original from a third address")
    {
        CHECK(r.around.route(world::path_of(1, 1'001), r.original).reason == drop_reason::replayed_record);
    }
    SECTION("a replay from the new address")
    {
        CHECK(r.around.route(r.victim, r.original).reason == drop_reason::replayed_record);
    }
    SECTION("the original after validation of the new address")
    {
        r.m.session->validate_path();
        CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    }
    CHECK(r.m.session->path() == r.victim);
    CHECK(r.around.counted().moves_undone == 0);
}

TEST_CASE("RFC 9146 6: forged copies do not keep the original from being checked")
{
    raced r;
    auto forged = r.original;
    forged.back() ^= std::byte{1};
    for (int i = 0; i < 10'000; ++i) (void)r.around.route(r.home, forged);
    CHECK(r.m.session->path() == r.victim);
    (void)r.around.route(r.home, r.original);
    CHECK(r.m.session->path() == r.home);
}

TEST_CASE("RFC 9146 6: an original far behind the replay window also takes the move back")
{
    raced r;
    for (int i = 0; i < 200; ++i) r.copy("more");
    CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    CHECK(r.m.session->path() == r.home);
    CHECK(r.around.counted().moves_undone == 1);
}

TEST_CASE("RFC 9146 6: a session moved twice returns to its last validated address")
{
    raced r;
    (void)r.around.route(world::path_of(78, 53), data_of(*r.m.client, "further"));
    REQUIRE(r.m.session->path() == world::path_of(78, 53));
    (void)r.around.route(r.home, r.original);
    CHECK(r.m.session->path() == r.home);
}

TEST_CASE("RFC 9146 6: in a trusted network a move is final")
{
    raced r{{.enabled = true, .moves = move_policy::trusted}};
    CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    CHECK(r.m.session->path() == r.victim);
}

TEST_CASE("RFC 9146 6: a client that sends from its former address moves the session back at once")
{
    raced r;
    (void)read_all(*r.m.session);
    CHECK(r.m.echoes());
    CHECK(r.m.session->path() == r.home);
    CHECK(r.around.counted().moves_undone == 0);
    r.copy("once more");
    CHECK(r.m.session->path() == r.victim);
}

TEST_CASE("RFC 9146 6: a minute of faster copies sends a victim at most three times their bytes")
{
    raced r;
    std::size_t received = r.original.size();
    r.around.outgoing.clear();
    std::size_t sent = 0;
    for (int i = 0; i < 600; ++i) {
        (void)r.around.server->send(*r.m.session, wire::as_bytes(std::string(1'000, 'a')), r.around.now,
                                    r.around);
        (void)r.around.route(r.home, r.original);
        r.around.pass(100ms);
        for (const auto& [path, datagram] : r.around.outgoing)
            if (path == r.victim) sent += datagram.size();
        r.around.outgoing.clear();
        r.original = data_of(*r.m.client, "raced");
        (void)r.around.route(r.victim, r.original);
        if (r.m.session->path() == r.victim) received += r.original.size();
        (void)read_all(*r.m.session);
    }
    CHECK(r.around.counted().moves_undone >= 5);
    CHECK(r.around.counted().moves_undone <= 7);
    CHECK(sent <= 3 * received);
}

TEST_CASE("RFC 9146 6: a session exported on an unvalidated path is imported at its validated address")
{
    raced r;
    const auto saved = r.around.server->save(*r.m.session, r.around.now);
    REQUIRE(saved);
    CHECK(saved->path == r.home);
    r.around.server->remove_exported(*r.m.session);
    const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    REQUIRE(r.around.server->import_session(*saved, ciphers, r.around.now) ==
            dispatch::import_outcome::imported);
    r.m.session = r.around.listener.sessions.back();
    CHECK(r.around.route(r.home, r.original).reason == drop_reason::replayed_record);
    CHECK(r.m.session->path() == r.home);
    const auto next = data_of(*r.m.client, "next");
    (void)r.around.route(r.victim, next);
    CHECK(r.m.session->path() == r.victim);
    (void)r.around.route(r.home, next);
    CHECK(r.m.session->path() == r.home);
    CHECK(r.around.counted().moves_undone == 1);
}
