#include "unit/dispatch/mobile.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

TEST_CASE("RFC 9146 6: neither a replayed nor an older nor a forged record moves a session")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    const auto elsewhere = world::path_of(1, 6'666);

    const auto older = data_of(*m.client, "older");
    const auto newest = data_of(*m.client, "newest");
    (void)around.route(home, newest);
    SECTION("a replay")
    {
        const auto decided = around.route(elsewhere, newest);
        CHECK(decided.reason == drop_reason::replayed_record);
    }
    SECTION("an older one, which is data all the same")
    {
        CHECK(around.route(elsewhere, older).verdict == dispatch::verdict::delivered);
        CHECK(read_all(*m.session).size() == 2);
    }
    SECTION("with a bad tag")
    {
        auto forged = data_of(*m.client, "forged");
        forged.back() ^= std::byte{1};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::bad_record_mac);
    }
    SECTION("with somebody else's id")
    {
        auto& other = around.connect(2);
        auto forged = data_of(*m.client, "forged");
        const auto others = data_of(other, "others");
        std::copy_n(others.begin() + 11, id_size, forged.begin() + 11);
        CHECK(around.route(elsewhere, forged).reason == drop_reason::bad_record_mac);
        CHECK(around.session_of(other));
    }
    SECTION("with nobody's id")
    {
        auto forged = data_of(*m.client, "forged");
        forged[12] ^= std::byte{1};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::unknown_connection_id);
    }
    SECTION("without an id")
    {
        auto forged = data_of(*m.client, "forged");
        forged.erase(forged.begin() + 11, forged.begin() + 11 + id_size);
        forged[0] = std::byte{23};
        CHECK(around.route(home, forged).reason == drop_reason::wrong_connection_id);
    }
    SECTION("too short, or of another epoch")
    {
        auto forged = data_of(*m.client, "forged");
        forged.resize(11 + id_size + 2 + 24);
        forged[11 + id_size + 1] = std::byte{24};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::short_record);
        forged = data_of(*m.client, "forged");
        forged[4] = std::byte{2};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::bad_epoch);
    }
    CHECK(m.session->path() == home);
    CHECK(around.counted().sessions_moved == 0);
    (void)read_all(*m.session);
    CHECK(m.echoes());
}

TEST_CASE("RFC 9146 6: an address changes only so often, what comes from elsewhere is taken all the same")
{
    quivive::limits limits;
    limits.move_interval = 1s;
    world around{limits};
    mobile m{around};
    around.pass(2s);
    m.client->move_to(2'000);
    CHECK(m.echoes());
    m.client->move_to(3'000);
    around.pass(999ms);
    m.client->send("sooner");
    around.settle();
    CHECK(read_all(*m.session) == std::vector<std::string>{"sooner"});
    CHECK(m.session->path().peer.port == 2'000);
    around.pass(1ms);
    CHECK(m.echoes());
    CHECK(m.session->path().peer.port == 3'000);
}

TEST_CASE("RFC 9146 6: three times what came from the new address goes there until it is proven, and no more")
{
    world around;
    mobile m{around};
    m.client->move_to(2'000);
    const auto question = data_of(*m.client, std::string(100, 'q'));
    (void)around.route(m.client->path(), question);
    REQUIRE(m.session->path().peer.port == 2'000);
    for (int i = 0; i < 20; ++i)
        CHECK(around.server->send(*m.session, wire::as_bytes(std::string(100, 'a')), around) ==
              record::sealed::sent);
    CHECK(bytes_sent_to(around, 2'000) <= 3 * question.size());
    CHECK(bytes_sent_to(around, 2'000) > 2 * question.size());
    const auto answers_before = around.outgoing.size();

    SECTION("by the path_response (RFC 9853 5.1)")
    {
        around.settle();  // the client answers the challenge
    }
    SECTION("by the application") { m.session->prove_path(); }
    around.outgoing.clear();
    (void)answers_before;
    for (int i = 0; i < 20; ++i)
        (void)around.server->send(*m.session, wire::as_bytes(std::string(100, 'a')), around);
    CHECK(around.outgoing.size() == 20);
    around.pass(1ms);  // which counts what was withheld before
    CHECK(m.session->path().peer.port == 2'000);
}

TEST_CASE("RFC 9853 5.5: nobody answers from the new address, so the former one counts again")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    const auto copy = data_of(*m.client, "copied by somebody, and sent on from elsewhere");
    (void)around.route(world::path_of(9, 6'666), copy);
    REQUIRE(m.session->path() != home);
    around.outgoing.clear();
    around.pass(999ms);
    CHECK(m.session->path() != home);
    CHECK(around.outgoing.size() >= 1);  // more challenges
    around.outgoing.clear();
    around.pass(20ms);
    CHECK(m.session->path() == home);
    CHECK(around.counted().sessions_moved == 2);
    (void)read_all(*m.session);
    CHECK(m.echoes());
    CHECK(m.session->path() == home);
}

TEST_CASE("connection ids: a session that leaves for another process is where its peer was last shown to be")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    (void)around.route(world::path_of(9, 6'666), data_of(*m.client, "from elsewhere"));
    REQUIRE(m.session->path() != home);
    CHECK(around.server->save(*m.session, around.now)->path == home);
    m.session->prove_path();
    CHECK(around.server->save(*m.session, around.now)->path == m.session->path());
}

TEST_CASE("RFC 9853 5.4: a path_challenge is answered on its own path, whatever the session's is")
{
    world around;
    mobile m{around, 4};
    // The server's challenges reach the client by settle(); its answer goes where the challenge came from.
    m.client->move_to(2'000);
    m.client->send("moved");
    around.settle();
    CHECK(m.session->path().peer.port == 2'000);
    around.pass(2s);
    CHECK(m.session->path().peer.port == 2'000);  // proven: no return to the former address
    CHECK(around.counted().sessions_moved == 1);
}
