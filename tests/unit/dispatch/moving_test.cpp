#include "unit/dispatch/mobile.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

TEST_CASE("RFC 9146 6: a replayed, older or forged record does not move a session")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    const auto elsewhere = world::path_of(1, 6'666);

    const auto older = data_of(*m.client, "older");
    const auto newest = data_of(*m.client, "newest");
    (void)around.route(home, newest);
    SECTION("a replayed record")
    {
        const auto decided = around.route(elsewhere, newest);
        CHECK(decided.reason == drop_reason::replayed_record);
    }
    SECTION("an older record, which is delivered as data")
    {
        CHECK(around.route(elsewhere, older).disposition == dispatch::disposition::delivered);
        CHECK(read_all(*m.session).size() == 2);
    }
    SECTION("a record with a bad tag")
    {
        auto forged = data_of(*m.client, "forged");
        forged.back() ^= std::byte{1};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::bad_record_mac);
    }
    SECTION("a record with another session's id")
    {
        auto& other = around.connect(2);
        auto forged = data_of(*m.client, "forged");
        const auto others = data_of(other, "others");
        std::copy_n(others.begin() + 11, id_size, forged.begin() + 11);
        CHECK(around.route(elsewhere, forged).reason == drop_reason::bad_record_mac);
        CHECK(around.session_of(other));
    }
    SECTION("a record with an unknown id")
    {
        auto forged = data_of(*m.client, "forged");
        forged[12] ^= std::byte{1};
        CHECK(around.route(elsewhere, forged).reason == drop_reason::unknown_connection_id);
    }
    SECTION("a record without an id")
    {
        auto forged = data_of(*m.client, "forged");
        forged.erase(forged.begin() + 11, forged.begin() + 11 + id_size);
        forged[0] = std::byte{23};
        CHECK(around.route(home, forged).reason == drop_reason::wrong_connection_id);
    }
    SECTION("a record that is too short or has another epoch")
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

TEST_CASE(
    "RFC 9146 6: move_interval limits address changes, and data from other addresses is still delivered")
{
    quivive::limits limits;
    limits.move_interval = 1s;
    world around{limits};
    mobile m{around};
    around.pass(20s);
    for (std::uint16_t port = 2'000; port < 2'000 + sessions::path_validator::max_moves_in_a_row; ++port) {
        m.client->move_to(port);
        CHECK(m.echoes());
    }
    m.client->move_to(3'000);
    around.pass(999ms);
    m.client->send("sooner");
    around.settle();
    CHECK(read_all(*m.session) == std::vector<std::string>{"sooner"});
    CHECK(m.session->path().peer.port == 2'000 + sessions::path_validator::max_moves_in_a_row - 1);
    around.pass(1ms);
    CHECK(m.echoes());
    CHECK(m.session->path().peer.port == 3'000);
}

TEST_CASE("RFC 9146 6: an unvalidated new address is sent at most three times the bytes received from there")
{
    world around;
    mobile m{around, 0, {.enabled = true, .moves = move_policy::limited}};
    m.client->move_to(2'000);
    const auto question = data_of(*m.client, std::string(100, 'q'));
    (void)around.route(m.client->path(), question);
    REQUIRE(m.session->path().peer.port == 2'000);
    for (int i = 0; i < 20; ++i)
        CHECK(around.server->send(*m.session, wire::as_bytes(std::string(100, 'a')), around.now, around) ==
              record::sealed::sent);
    CHECK(bytes_sent_to(around, 2'000) <= 3 * question.size());
    CHECK(bytes_sent_to(around, 2'000) > 2 * question.size());
    const auto left = around.outgoing.size() - 1;  // without the challenge

    SECTION("validated by the path_response (RFC 9853 5.1)")
    {
        around.settle();  // the client answers the challenge
    }
    SECTION("validated by the application") { m.session->validate_path(); }
    m.client->outgoing.clear();
    m.client->send("there");
    around.outgoing.clear();
    for (int i = 0; i < 20; ++i)
        (void)around.server->send(*m.session, wire::as_bytes(std::string(100, 'a')), around.now, around);
    CHECK(around.outgoing.size() == 20);
    (void)around.deliver(*m.client);  // updates the counter of withheld datagrams
    CHECK(around.counted().datagrams_withheld == 20 - left);
    CHECK(m.session->path().peer.port == 2'000);
}

TEST_CASE("RFC 9853 5.5: without a path_response the session reverts to its former address")
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
    CHECK(around.outgoing.size() >= 1);  // further challenges
    around.outgoing.clear();
    around.pass(20ms);
    CHECK(m.session->path() == home);
    CHECK(around.counted().sessions_moved == 2);
    (void)read_all(*m.session);
    CHECK(m.echoes());
    CHECK(m.session->path() == home);
}

TEST_CASE("connection ids: an exported session has the last validated address of its peer")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    (void)around.route(world::path_of(9, 6'666), data_of(*m.client, "from elsewhere"));
    REQUIRE(m.session->path() != home);
    CHECK(around.server->save(*m.session, around.now)->path == home);
    m.session->validate_path();
    CHECK(around.server->save(*m.session, around.now)->path == m.session->path());
}

TEST_CASE(
    "RFC 9853 5.4: a path_challenge is answered on the path it came from, and does not move the session")
{
    constexpr std::size_t clients_id = 4;
    world around;
    mobile m{around, clients_id};
    const auto home = m.session->path(), elsewhere = world::path_of(1, 6'666);
    const auto peer = m.by_hand();
    const auto challenge = path_message(*peer, 0);
    (void)around.route(home, data_by(*peer, "newer"));
    around.outgoing.clear();
    CHECK(around.route(elsewhere, challenge).disposition == dispatch::disposition::delivered);
    REQUIRE(around.outgoing.size() == 1);
    const auto [answered, answer] = around.outgoing.front();
    CHECK(answered == elsewhere);
    CHECK(m.session->path() == home);
    CHECK(around.counted().sessions_moved == 0);

    octets text(answer.size());
    queue_outbox none;
    const auto opened = peer->open(wire::first_record(answer, clients_id).value(), text, {}, none);
    REQUIRE(opened.kind == record::opened_kind::path_message);
    text.resize(opened.size);
    octets expected(9, std::byte{0xab});
    expected.front() = std::byte{1};
    CHECK(text == expected);

    CHECK(around.route(elsewhere, challenge).reason == drop_reason::replayed_record);
    CHECK(around.outgoing.size() == 1);  // one answer for each challenge
}

TEST_CASE("RFC 9853 5.4: a path_response to an unvalidated address counts against the amplification limit")
{
    world around;
    mobile m{around, 0, {.enabled = true, .moves = move_policy::limited}};
    const auto elsewhere = world::path_of(1, 6'666);
    const auto peer = m.by_hand();
    const auto challenge = path_message(*peer, 0);
    (void)around.route(elsewhere, challenge);
    REQUIRE(m.session->path() == elsewhere);
    CHECK(around.outgoing.size() == 2);  // a challenge and the response
    for (int i = 0; i < 200; ++i)
        (void)around.server->send(*m.session, wire::as_bytes("a"), around.now, around);
    around.pass(900ms);  // further challenges within the limit
    for (int i = 0; i < 200; ++i) (void)around.server->send(*m.session, {}, around.now, around);
    CHECK(around.outgoing.size() > 2);
    CHECK(bytes_sent_to(around, 6'666) <= 3 * challenge.size());
}

TEST_CASE(
    "RFC 9853 5.5: the second challenge is sent after data has used up the limit, and validates the path")
{
    world around;
    mobile m{around, 0, {.enabled = true, .moves = move_policy::limited}};
    m.client->move_to(2'000);
    (void)around.route(m.client->path(), data_of(*m.client, std::string(14, 'q')));
    REQUIRE(around.outgoing.size() == 1);
    around.outgoing.clear();
    for (int i = 0; i < 20; ++i) {
        (void)around.server->send(*m.session, wire::as_bytes(std::string(14, 'a')), around.now, around);
        (void)around.server->send(*m.session, wire::as_bytes(std::string(59, 'a')), around.now, around);
    }
    REQUIRE(around.outgoing.size() == 1);
    around.pass(350ms);
    REQUIRE(around.outgoing.size() == 2);
    around.settle();  // the client answers
    around.pass(2s);
    CHECK(m.session->path().peer.port == 2'000);
    CHECK(around.counted().sessions_moved == 1);
    CHECK(m.client->read() == std::string(14, 'a'));
    (void)read_all(*m.session);
    CHECK(m.echoes());
}

TEST_CASE("RFC 9853 4: path messages of a wrong length, an unknown type or a wrong cookie change nothing")
{
    world around;
    mobile m{around};
    const auto home = m.session->path(), elsewhere = world::path_of(1, 6'666);
    const auto peer = m.by_hand();
    (void)around.route(elsewhere, data_by(*peer, "from elsewhere"));
    REQUIRE(m.session->path() == elsewhere);
    around.outgoing.clear();
    const auto [type, size] = GENERATE(
        table<std::uint8_t, std::size_t>({{0, 0}, {0, 8}, {0, 10}, {1, 8}, {1, 10}, {2, 9}, {1, 9}}));
    CHECK(around.route(elsewhere, path_message(*peer, type, size)).disposition ==
          dispatch::disposition::delivered);
    CHECK(around.outgoing.empty());
    CHECK(m.session->is_open());
    around.pass(2s);
    CHECK(m.session->path() == home);  // no response was valid
}

TEST_CASE("RFC 9853 5.5: a session reverts to its former address although another session is there by then")
{
    world around;
    mobile m{around};
    const auto home = m.session->path();
    (void)around.route(world::path_of(9, 6'666), data_of(*m.client, "copied"));
    REQUIRE(m.session->path() != home);
    around.settings.connection_id.reset();
    auto& new_client = around.add_client(1, home.peer.port);
    new_client.hello();
    around.settle();
    const auto new_clients = around.listener.sessions.back();
    REQUIRE(new_clients != m.session);
    REQUIRE(!new_clients->has_id());
    around.pass(2s);
    CHECK(m.session->path() == home);
    (void)read_all(*m.session);

    const auto both_are_reached = [&] {
        (void)around.route(home, data_of(new_client, "by address"));
        (void)around.route(home, data_of(*m.client, "by id"));
        return read_all(*new_clients) == std::vector<std::string>{"by address"} &&
               read_all(*m.session) == std::vector<std::string>{"by id"};
    };
    CHECK(both_are_reached());
    around.server->close_now(*m.session, sessions::close_reason::closed_here, around.now, around);
    CHECK(around.route(home, data_of(new_client, "still")).disposition == dispatch::disposition::delivered);
    CHECK(around.counted().sessions == 1);
}
