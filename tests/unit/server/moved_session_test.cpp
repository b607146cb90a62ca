// Sessions with a connection id (RFC 9146) on several threads: the kernel gives a datagram to a thread by its
// addresses, and so, once the client has moved, often to another one than the session's.
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

/// So many that none going to another thread's socket is out of the question.
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

/// Echoes; at "block" it holds up its thread until it is let go.
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

/// Echoes, and notes who has moved where. At "confirm" it vouches for where the peer is, at "deny" for where
/// it is not.
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

TEST_CASE("a handler hears from where to where a peer has moved")
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

TEST_CASE("an application that vouches for the address lifts the limit there and for no other address")
{
    constexpr int answers = 8;  // more than three times what comes
    const auto handler = std::make_shared<noting_echo>();
    handler->answers = answers;
    auto config = test::loopback_config();
    config.limits.path_check_timeout = std::chrono::seconds{10};
    config.connection_ids.moves = move_policy::limited;
    threads world{config};
    world.served.serve(handler);
    world.connect();
    world.client.move();
    // The client hears nothing, and so does not answer the server's own challenge.
    const auto sent = [&](int times) {
        return test::eventually(
            [&] { return world.served.metrics().messages_sent == static_cast<unsigned>(times * answers); });
    };
    // What was withheld is counted when the next record comes.
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

TEST_CASE("a session that moves is served by its thread whichever thread's socket its datagrams come in by")
{
    auto config = test::loopback_config();
    config.limits.move_interval = std::chrono::milliseconds{0};  // the client moves as quickly as it hears
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

TEST_CASE("a client whose port changes with every datagram gets all its answers at once")
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

TEST_CASE(
    "a copy that comes first from elsewhere is found out by the original on whichever threads both arrive")
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
        client.move();  // to where the copier is
        test::raw_udp at_home{home};
        client.send("raced");
        REQUIRE(test::eventually([&] { return world.served.metrics().sessions_moved == 2 * i + 1; }));
        at_home.send(client.server(), client.sent().back());
        REQUIRE(test::eventually([&] { return world.served.metrics().moves_undone == i + 1; }));
        client.send("from elsewhere");
        CHECK(at_home.receive(std::chrono::seconds{5}));  // there the answer goes
        CHECK(world.served.metrics().sessions_moved == 2 * i + 2);
    }
}

TEST_CASE("no more datagrams than limits.max_handed_over wait for a thread that is busy (handoff_full)")
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

    // All else is taken: one that waited, and those that came in by the session's own thread.
    CHECK(
        test::eventually([&] { return world.served.metrics().messages_received == 1 + moves - refused(); }));
    CHECK(refused() < moves);
    CHECK(world.served.metrics().sessions == 1);

    // And the session is served as before; the answers to what was taken may come first.
    world.client.move();
    auto heard = world.client.echo("after");
    for (std::size_t i = 0; i < moves && !heard.empty() && heard != "after"; ++i) heard = world.client.hear();
    CHECK(heard == "after");
}

TEST_CASE("a record with an id that nobody has is dropped by the thread that read it and never handed over")
{
    const auto handler = std::make_shared<blocking_echo>();
    auto config = test::loopback_config();
    config.limits.max_handed_over = 1;
    threads world{config};
    world.served.serve(handler);
    world.connect();
    world.client.send("block");
    handler->blocked.get_future().wait();

    // A third of all ids would be for the thread that is busy, and wait for it, the second in vain.
    constexpr std::size_t sources = 10, of_each = 40;
    for (std::size_t i = 0; i < sources; ++i) {
        test::raw_udp stranger;
        for (std::size_t n = 0; n < of_each; ++n) {
            test::octets garbage(64);
            tls::fill_random(garbage);
            const std::array header{std::byte{25}, std::byte{0xfe}, std::byte{0xfd}, std::byte{0},
                                    std::byte{1}};
            std::ranges::copy(header, garbage.begin());
            wire::write_integer(std::span{garbage}.subspan(19, 2), garbage.size() - 21);
            stranger.send(world.served.local_endpoints().front(), garbage);
        }
    }
    handler->release.set_value();
    const auto dropped = [&](drop_reason why) { return world.served.metrics().dropped[why]; };
    CHECK(test::eventually([&] { return dropped(drop_reason::unknown_connection_id) == sources * of_each; }));
    CHECK(dropped(drop_reason::handoff_full) == 0);
    CHECK(test::comes_to_balance(world.served));
}
