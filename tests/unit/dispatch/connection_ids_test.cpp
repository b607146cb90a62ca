#include "support/catch.hpp"
#include "support/world.hpp"
#include "tls/random.hpp"

#include <set>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t id_size = 8;

/// The newest datagram that a client has sent and that was not delivered.
octets hold_back(remote& client)
{
    auto held = client.outgoing.back();
    client.outgoing.pop_back();
    return held;
}

octets data_of(remote& client, const std::string& text)
{
    client.send(text);
    return hold_back(client);
}

/// What waits in the server's session, oldest first.
std::vector<std::string> read_all(dispatch::member& session)
{
    std::vector<std::string> texts;
    while (!session.messages().empty()) texts.emplace_back(wire::as_text(session.messages().pop()->bytes()));
    return texts;
}

std::size_t bytes_sent_to(const world& around, std::uint16_t port)
{
    std::size_t sum = 0;
    for (const auto& [path, datagram] : around.outgoing)
        if (path.peer.port == port) sum += datagram.size();
    return sum;
}

/// A client with an id, and its session.
struct mobile {
    explicit mobile(world& in, std::size_t clients_id = 0) : around{in}
    {
        around.use_ids({.enabled = true}, clients_id);
        client = &around.connect();
        session = around.session_of(*client);
        REQUIRE(session);
        REQUIRE(session->has_id());
    }
    /// Whether a message gets through both ways, wherever the client is.
    [[nodiscard]] bool echoes()
    {
        client->send("there");
        around.settle();
        if (read_all(*session) != std::vector<std::string>{"there"}) return false;
        (void)around.server->send(*session, wire::as_bytes("back"), around);
        around.settle();
        return client->read() == "back";
    }

    world& around;
    remote* client = nullptr;
    std::shared_ptr<dispatch::member> session;
};

}  // namespace

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

TEST_CASE("connection ids: no two are alike, and none tells whose it is to who has not the key")
{
    const dispatch::id_codec codec{{1, 2}, id_size, 16}, stranger{{1, 3}, id_size, 16};
    std::uint64_t count = 0;
    const auto random = [&](std::span<std::byte> out) { wire::write_integer(out, ++count); };
    std::set<std::string> seen;
    std::size_t told = 0;
    for (std::size_t i = 0; i < 1'600; ++i) {
        const auto id = codec.make(i % 16, random);
        CHECK(codec.shard_of(id.value()) == i % 16);
        seen.insert(std::string{wire::as_text(id.value())});
        if (stranger.shard_of(id.value()) == i % 16) ++told;
    }
    CHECK(seen.size() == 1'600);
    CHECK(told < 200);  // a 16th by chance
}

TEST_CASE("connection ids: the shard of a datagram is read only of records that have one")
{
    const dispatch::id_codec codec{{1, 2}, id_size, 4};
    const auto id = codec.make(3, tls::fill_random);
    octets datagram(11, std::byte{0});
    datagram[0] = std::byte{25};
    datagram.insert(datagram.end(), id.value().begin(), id.value().end());
    CHECK(codec.shard_of_datagram(datagram) == 3);
    datagram[0] = std::byte{23};
    CHECK(!codec.shard_of_datagram(datagram));
    datagram[0] = std::byte{25};
    datagram.pop_back();
    CHECK(!codec.shard_of_datagram(datagram));
    CHECK(!codec.shard_of_datagram({}));
}
