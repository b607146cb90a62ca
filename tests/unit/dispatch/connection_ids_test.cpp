#include "support/hello_builder.hpp"
#include "unit/dispatch/mobile.hpp"

#include <algorithm>
#include <set>
#include <span>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

/// A network that loses, duplicates or delays every n-th datagram, in a deterministic order. The next
/// datagram overtakes a delayed one.
class faults {
public:
    faults(unsigned lost, unsigned twice, unsigned late) : lost_{lost}, twice_{twice}, late_{late} {}

    /// Returns the datagrams that arrive after this one is sent.
    std::vector<octets> pass(const octets& datagram)
    {
        ++count_;
        if (lost()) return rest();
        if (count_ % late_ == 0 && held_.empty()) {
            held_.push_back(datagram);
            return {};
        }
        std::vector<octets> arrived(count_ % twice_ == 0 ? 2 : 1, datagram);
        for (auto& overtaken : rest()) arrived.push_back(std::move(overtaken));
        return arrived;
    }
    /// Returns whether the last datagram was lost.
    [[nodiscard]] bool lost() const { return count_ % lost_ == 0; }
    /// Returns the delayed datagram that has not arrived yet.
    std::vector<octets> rest() { return std::exchange(held_, {}); }

private:
    unsigned lost_, twice_, late_, count_ = 0;
    std::vector<octets> held_;
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
            REQUIRE(around.server->send(*m.session, wire::as_bytes(text), around.now, around) ==
                    record::sealed::sent);
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

TEST_CASE("RFC 9146: on a lossy network a rebinding NAT loses no more messages than the network does")
{
    const auto clients_id = GENERATE(std::size_t{0}, std::size_t{4});
    quivive::limits lasting;
    lasting.receive_queue_messages = 1'000;
    world around{lasting};
    mobile m{around, clients_id};
    faults up{5, 7, 9}, down{6, 8, 11};
    std::multiset<std::string> sent, received;
    for (std::uint16_t second = 0; second < 60; ++second) {
        m.client->move_to(static_cast<std::uint16_t>(2'000 + second));
        for (int i = 0; i < 4; ++i) {
            const auto text = std::to_string(second) + "." + std::to_string(i);
            const auto passed = up.pass(data_of(*m.client, text));
            if (!up.lost()) sent.insert(text);
            for (const auto& datagram : passed) (void)around.route(m.client->path(), datagram);
            // The challenges of the path validation and their responses.
            for (const auto& [path, datagram] : std::exchange(around.outgoing, {}))
                for (const auto& arrived : down.pass(datagram))
                    if (path == m.client->path()) m.client->take(arrived);
            for (; !m.client->outgoing.empty(); m.client->outgoing.pop_front())
                for (const auto& datagram : up.pass(m.client->outgoing.front()))
                    (void)around.route(m.client->path(), datagram);
            around.pass(250ms);
        }
        for (auto& text : read_all(*m.session)) received.insert(std::move(text));
    }
    for (const auto& datagram : up.rest()) (void)around.route(m.client->path(), datagram);
    for (auto& text : read_all(*m.session)) received.insert(std::move(text));
    CHECK(sent.size() < 240);
    CHECK(received == sent);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.counted().sessions == 1);
    CHECK(around.counted().balanced());
    CHECK(m.session->path().peer.port == 2'059);
}

TEST_CASE(
    "A client without an id that changes its port is unknown, and its data is dropped as not_a_client_hello")
{
    world around;
    auto& client = around.connect();
    client.move_to(2'000);
    const auto decided = around.route(client.path(), data_of(client, "lost"));
    CHECK(decided.reason == drop_reason::not_a_client_hello);
}

TEST_CASE("connection ids: two sessions may share an address when one of them has moved there")
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

TEST_CASE(
    "RFC 6347 4.2.8: a new handshake at the address of a session with an id does not close that session")
{
    world around;
    mobile m{around};
    auto& new_client = around.connect(1, m.session->path().peer.port);
    CHECK(new_client.connected());
    CHECK(m.session->is_open());
    CHECK(around.counted().sessions == 2);
    CHECK(around.counted().sessions_replaced == 0);
    const auto data = data_of(*m.client, "still here");
    CHECK(around.route(m.client->path(), data).disposition == dispatch::disposition::delivered);
    CHECK(read_all(*m.session) == std::vector<std::string>{"still here"});
}

TEST_CASE("connection ids: only clients of the configured networks get an id")
{
    world around;
    around.use_ids({.enabled = true, .networks = {network::parse("10.0.0.1/32").value()}});
    CHECK(around.session_of(around.connect(1))->has_id());
    CHECK(!around.session_of(around.connect(2))->has_id());
    CHECK(around.echoes(*around.clients[0]));
    CHECK(around.echoes(*around.clients[1]));
}

TEST_CASE("connection ids: every end of a session frees its id and its address, also after a move")
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
    SECTION("closed by the server")
    {
        around.server->close_now(*m.session, sessions::close_reason::closed_here, around.now, around);
    }
    SECTION("all sessions ended")
    {
        around.server->close_all(sessions::close_reason::server_stopped, around.now, around);
    }
    SECTION("idle time-out") { around.pass(around.limits.idle_timeout + 1s); }
    CHECK(around.server->size() == 0);
    CHECK(around.counted().associations == 0);
    CHECK(around.route(m.client->path(), late).reason == drop_reason::unknown_connection_id);
}

TEST_CASE("connection ids: an id that is already in use is drawn again, a limited number of times")
{
    world around;
    unsigned drawn = 0;
    const unsigned differs_at = GENERATE(2U, 1'000U);
    around.random_ids = [&](std::span<std::byte> out) {
        std::ranges::fill(out, ++drawn > differs_at ? std::byte{2} : std::byte{1});
    };
    mobile m{around};
    auto& other = around.connect(2);
    const auto others = around.session_of(other);
    REQUIRE(others);
    CHECK(others->has_id() == (differs_at == 2));
    CHECK(drawn < 10);
    CHECK(around.echoes(other));
    CHECK(m.echoes());
}

TEST_CASE("connection ids: at a shared address the ClientHello belongs to the session established there last")
{
    world around;
    mobile m{around};
    auto& other = around.connect(1, 1'001);
    const auto others = around.session_of(other);
    m.client->move_to(1'001);
    CHECK(around.route(m.client->path(), data_of(*m.client, "moved")).disposition ==
          dispatch::disposition::delivered);
    CHECK(around.route(m.client->path(), m.client->sent.front()).reason == drop_reason::stale_client_hello);
    around.server->close_now(*m.session, sessions::close_reason::closed_here, around.now, around);
    CHECK(around.route(other.path(), data_of(other, "still here")).disposition ==
          dispatch::disposition::delivered);
    CHECK(read_all(*others) == std::vector<std::string>{"still here"});
}

TEST_CASE("connection ids: a plain record after a record with an id, from an unknown address, closes nothing")
{
    world around;
    mobile m{around};
    const auto elsewhere = world::path_of(9, 6'666);
    const auto data = data_of(*m.client, "question");
    (void)around.route(m.session->path(), data);
    auto datagram = data;  // now a replay, which moves nothing
    const auto plain = make_record(wire::content_type::application_data, octets(40), 1);
    datagram.insert(datagram.end(), plain.begin(), plain.end());
    (void)around.route(elsewhere, datagram);
    CHECK(around.counted().discarded[drop_reason::unexpected_record] == 1);
    CHECK(around.counted().discarded[drop_reason::session_closing] == 0);
}
