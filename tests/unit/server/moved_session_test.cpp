// Sessions with a connection id (RFC 9146) on several threads. The kernel selects the thread of a datagram by
// its addresses. Once the client has moved, that is often not the session's thread.
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/stepwise_client.hpp"
#include "tls/random.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace quivive;
namespace asio = boost::asio;

namespace {

/// So many moves that some reach another thread's socket.
constexpr std::size_t moves = 40;

struct threads {
    explicit threads(server_config config) : served{with_ids(std::move(config))} {}

    static server_config with_ids(server_config config)
    {
        config.threads = 3;
        config.connection_ids.enabled = true;
        return config;
    }
    void connect()
    {
        client.want_connection_id();
        REQUIRE(client.connect());
    }

    server served;
    test::stepwise_client client{served.local_endpoints().front()};
};

/// Echoes; at "block" it blocks its thread until `release`.
struct blocking_echo final : session_handler {
    asio::awaitable<void> run(session session) override
    {
        constexpr auto token = asio::as_tuple(asio::use_awaitable);
        for (;;) {
            const auto [error, message] = co_await session.async_receive(token);
            if (error) co_return;
            if (std::string_view{static_cast<const char*>(message.data()), message.size()} == "block") {
                blocked.set_value();
                release.get_future().wait();
            }
            (void)co_await session.async_send(message, token);
        }
    }
    std::promise<void> blocked, release;
};

using endpoint = asio::ip::udp::endpoint;

/// Echoes, and records the moves of peers. At "confirm" it confirms the peer's present address, at "deny" an
/// address where the peer is not.
struct noting_echo final : session_handler {
    asio::awaitable<void> run(session session) override
    {
        constexpr auto token = asio::as_tuple(asio::use_awaitable);
        for (;;) {
            const auto [error, message] = co_await session.async_receive(token);
            if (error) co_return;
            const std::string_view text{static_cast<const char*>(message.data()), message.size()};
            if (text == "confirm") session.confirm_peer(session.peer());
            if (text == "deny") session.confirm_peer(session.info().peer);
            for (int i = 0; i < answers; ++i) (void)co_await session.async_send(message, token);
        }
    }
    void moved(const session_info&, const endpoint& before, const endpoint& now) noexcept override
    {
        const std::lock_guard lock{mutex_};
        moves_.emplace_back(before, now);
    }
    std::vector<std::pair<endpoint, endpoint>> moves() const
    {
        const std::lock_guard lock{mutex_};
        return moves_;
    }
    int answers = 1;

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<endpoint, endpoint>> moves_;
};

}  // namespace

TEST_CASE("a handler is notified of a peer's move with the former and the new address")
{
    const auto handler = std::make_shared<noting_echo>();
    threads world{test::loopback_config()};
    world.served.serve(handler);
    world.connect();
    const auto home = world.client.socket().local();
    REQUIRE(world.client.echo("here") == "here");
    CHECK(handler->moves().empty());
    world.client.move();
    const auto away = world.client.socket().local();
    REQUIRE(world.client.echo("there") == "there");
    const auto seen = handler->moves();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].first == home);
    CHECK(seen[0].second == away);
}

TEST_CASE("confirm_peer lifts the limit for the confirmed address and for no other")
{
    constexpr int answers = 8;  // more than three times the bytes received
    const auto handler = std::make_shared<noting_echo>();
    handler->answers = answers;
    auto config = test::loopback_config();
    config.limits.path_check_timeout = std::chrono::seconds{10};
    config.connection_ids.moves = move_policy::limited;
    threads world{config};
    world.served.serve(handler);
    world.connect();
    world.client.move();
    // The client reads nothing, so it does not answer the server's own challenge.
    const auto sent = [&](int times) {
        return test::eventually(
            [&] { return world.served.metrics().messages_sent == static_cast<unsigned>(times * answers); });
    };
    // Withheld datagrams are counted with the next record.
    const auto withheld = [&] { return world.served.metrics().datagrams_withheld; };
    world.client.send("deny");
    REQUIRE(sent(1));
    world.client.send("deny");
    REQUIRE(sent(2));
    const auto of_first = withheld();
    CHECK(of_first > 0);
    world.client.send("confirm");
    REQUIRE(sent(3));
    const auto of_both = withheld();
    CHECK(of_both > of_first);
    world.client.send("after");
    REQUIRE(sent(4));
    CHECK(withheld() == of_both);
}

TEST_CASE("a moved session is served by its own thread, whichever thread's socket receives its datagrams")
{
    auto config = test::loopback_config();
    config.limits.move_interval =
        std::chrono::milliseconds{0};  // the client moves as fast as it receives answers
    threads world{config};
    world.served.serve(test::echo);
    world.connect();
    for (std::size_t i = 0; i < moves; ++i) {
        world.client.move();
        const auto said = "from socket " + std::to_string(i);
        REQUIRE(world.client.echo(said) == said);
    }
    CHECK(test::comes_to_balance(world.served));
    const auto counted = world.served.metrics();
    CHECK(counted.sessions_moved == moves);
    CHECK(counted.handshakes_started == 1);
    CHECK(counted.sessions == 1);
    CHECK(counted.messages_received == moves);
    CHECK(counted.messages_sent == moves);
    CHECK(counted.datagrams_withheld == 0);
    for (std::size_t reason = 0; reason < drop_reason_count; ++reason)
        CHECK(counted.dropped[static_cast<drop_reason>(reason)] == 0);
}

TEST_CASE("across threads a client whose port changes with every datagram receives all its answers")
{
    threads world{test::loopback_config()};
    world.served.serve(test::echo);
    world.connect();
    for (int i = 0; i < 20; ++i) {  // as limits::move_interval promises
        world.client.move();
        const auto said = std::to_string(i) + std::string(1'000, 'x');
        REQUIRE(world.client.echo(said) == said);
    }
    CHECK(world.served.metrics().datagrams_withheld == 0);
}

TEST_CASE("a copied record that arrives first is detected by the original, whichever threads receive them")
{
    constexpr unsigned clients = 8;
    threads world{test::loopback_config()};
    world.served.serve(test::echo);
    for (unsigned i = 0; i < clients; ++i) {
        test::stepwise_client client{world.served.local_endpoints().front()};
        client.want_connection_id();
        REQUIRE(client.connect());
        REQUIRE(client.echo("here") == "here");
        const auto home = client.socket().local();
        client.move();  // to the address of the copier
        test::raw_udp at_home{home};
        client.send("raced");
        REQUIRE(test::eventually([&] { return world.served.metrics().sessions_moved == 2 * i + 1; }));
        at_home.send(client.server(), client.sent().back());
        REQUIRE(test::eventually([&] { return world.served.metrics().moves_undone == i + 1; }));
        client.send("from elsewhere");
        CHECK(at_home.receive(std::chrono::seconds{5}));  // the answer is sent to the former address
        CHECK(world.served.metrics().sessions_moved == 2 * i + 2);
    }
}

TEST_CASE("limits.max_handed_over bounds the datagrams that wait for a busy thread (handoff_full)")
{
    const auto handler = std::make_shared<blocking_echo>();
    auto config = test::loopback_config();
    config.limits.max_handed_over = 1;
    config.limits.move_interval = std::chrono::milliseconds{0};
    threads world{config};
    world.served.serve(handler);
    world.connect();
    world.client.send("block");
    handler->blocked.get_future().wait();

    for (std::size_t i = 0; i < moves; ++i) {
        world.client.move();
        world.client.send("from socket " + std::to_string(i));
    }
    const auto refused = [&] { return world.served.metrics().dropped[drop_reason::handoff_full]; };
    CHECK(test::eventually([&] { return refused() > 0; }));
    handler->release.set_value();

    // All other datagrams are processed: the one that waited, and those received by the session's own thread.
    CHECK(
        test::eventually([&] { return world.served.metrics().messages_received == 1 + moves - refused(); }));
    CHECK(refused() < moves);
    CHECK(world.served.metrics().sessions == 1);

    // The session is served as before. Answers to earlier messages may arrive first.
    world.client.move();
    auto heard = world.client.echo("after");
    for (std::size_t i = 0; i < moves && !heard.empty() && heard != "after"; ++i) heard = world.client.hear();
    CHECK(heard == "after");
}

TEST_CASE("a record with an unknown id is dropped by the thread that read it and never forwarded")
{
    const auto handler = std::make_shared<blocking_echo>();
    auto config = test::loopback_config();
    config.limits.max_handed_over = 1;
    threads world{config};
    world.served.serve(handler);
    world.connect();
    world.client.send("block");
    handler->blocked.get_future().wait();

    // If ids were not authenticated, a third of them would select the busy thread, and all but the first
    // would be dropped.
    constexpr std::size_t sources = 10, of_each = 40;
    for (std::size_t i = 0; i < sources; ++i) {
        test::raw_udp unknown_peer;
        for (std::size_t n = 0; n < of_each; ++n) {
            test::octets garbage(64);
            tls::fill_random(garbage);
            const std::array header{std::byte{25}, std::byte{0xfe}, std::byte{0xfd}, std::byte{0},
                                    std::byte{1}};
            std::ranges::copy(header, garbage.begin());
            wire::write_integer(std::span{garbage}.subspan(19, 2), garbage.size() - 21);
            unknown_peer.send(world.served.local_endpoints().front(), garbage);
        }
    }
    handler->release.set_value();
    const auto dropped = [&](drop_reason why) { return world.served.metrics().dropped[why]; };
    CHECK(test::eventually([&] { return dropped(drop_reason::unknown_connection_id) == sources * of_each; }));
    CHECK(dropped(drop_reason::handoff_full) == 0);
    CHECK(test::comes_to_balance(world.served));
}
