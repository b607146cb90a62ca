#include "unit/dispatch/mobile.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

TEST_CASE("RFC 9146: a NAT that rebinds every second for a minute loses no message and costs no handshake")
{
    const auto clients_id = GENERATE(std::size_t{0}, std::size_t{4});
    world around;
    mobile m{around, clients_id};
    for (std::uint16_t second = 0; second < 60; ++second) {
        m.client->move_to(static_cast<std::uint16_t>(2'000 + second));
        for (int i = 0; i < 4; ++i) {
            const auto text = std::to_string(second) + "." + std::to_string(i);
            m.client->send(text);
            around.settle();
            REQUIRE(read_all(*m.session) == std::vector<std::string>{text});
            REQUIRE(around.server->send(*m.session, wire::as_bytes(text), around) == record::sealed::sent);
            around.settle();
            REQUIRE(m.client->read() == text);
            around.pass(250ms);
        }
    }
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.counted().sessions_moved == 60);
    CHECK(around.counted().datagrams_withheld == 0);
    CHECK(around.counted().balanced());
    CHECK(around.listener.moves.size() == 60);
    CHECK(around.listener.moves.back().second == m.session->path());
    CHECK(m.session->path().peer.port == 2'059);
}

TEST_CASE("Without ids a client behind the same NAT is a stranger, whose data is not a ClientHello")
{
    world around;
    auto& client = around.connect();
    client.move_to(2'000);
    const auto decided = around.route(client.path(), data_of(client, "lost"));
    CHECK(decided.reason == drop_reason::not_a_client_hello);
}

TEST_CASE("connection ids: two sessions may have the same address, one of which has moved there")
{
    world around;
    mobile m{around};
    auto& other = around.connect(1, 1'001);
    const auto others = around.session_of(other);
    m.client->move_to(1'001);
    const auto question = data_of(*m.client, "from there");
    (void)around.route(m.client->path(), question);
    CHECK(read_all(*m.session) == std::vector<std::string>{"from there"});
    CHECK(m.session->path() == others->path());
    (void)around.route(other.path(), data_of(other, "from here"));
    CHECK(read_all(*others) == std::vector<std::string>{"from here"});
    CHECK(around.counted().sessions == 2);
}

TEST_CASE("RFC 6347 4.2.8: a newcomer at the address of a session with an id does not end it")
{
    world around;
    mobile m{around};
    auto& newcomer = around.connect(1, m.session->path().peer.port);
    CHECK(newcomer.connected());
    CHECK(m.session->is_open());
    CHECK(around.counted().sessions == 2);
    CHECK(around.counted().sessions_replaced == 0);
    const auto data = data_of(*m.client, "still here");
    CHECK(around.route(m.client->path(), data).verdict == dispatch::verdict::delivered);
    CHECK(read_all(*m.session) == std::vector<std::string>{"still here"});
}

TEST_CASE("connection ids: only clients of the networks named get one")
{
    world around;
    around.use_ids({.enabled = true, .networks = {network::parse("10.0.0.1/32").value()}});
    CHECK(around.session_of(around.connect(1))->has_id());
    CHECK(!around.session_of(around.connect(2))->has_id());
    CHECK(around.echoes(*around.clients[0]));
    CHECK(around.echoes(*around.clients[1]));
}

TEST_CASE("connection ids: whatever ends a session frees its id and its address, also after a move")
{
    world around;
    mobile m{around};
    m.client->move_to(2'000);
    CHECK(m.echoes());
    const auto late = data_of(*m.client, "too late");
    SECTION("closed by the peer")
    {
        m.client->close();
        around.settle();
    }
    SECTION("closed here") { around.server->end(*m.session, sessions::ending::closed_here, around); }
    SECTION("all at once") { around.server->end_all(sessions::ending::server_stopped, around); }
    SECTION("silence") { around.pass(around.limits.idle_timeout + 1s); }
    CHECK(around.server->size() == 0);
    CHECK(around.counted().associations == 0);
    CHECK(around.route(m.client->path(), late).reason == drop_reason::unknown_connection_id);
}
