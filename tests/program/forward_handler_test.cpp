#include "forward_fixture.hpp"

#include "support/stepwise_client.hpp"

#include <boost/asio/detached.hpp>

#include <set>
#include <thread>

using namespace quivive;
using namespace quivive::program;
using namespace quivive::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("forward: messages pass in both directions, and the service sees one stable port for each client")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        pair.service.tell(from, "answer");
        const auto answer = co_await hear(client);
        CHECK(answer == "answer");

        co_await tell(client, "second");
        const auto [second, again_from] = co_await pair.service.hear();
        CHECK(second == "second");
        CHECK(again_from == from);

        pair.service.tell(from, "unasked");
        const auto unasked = co_await hear(client);
        CHECK(unasked == "unasked");
    });
    CHECK(pair.count(forward_event::to_backend) == 2);
    CHECK(pair.count(forward_event::to_client) == 2);
}

TEST_CASE("forward: two clients have two ports, and each receives its own answers")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto alice = co_await pair.connect();
        auto bob = co_await pair.connect();
        const auto from_alice = co_await pair.say_first(alice);
        const auto from_bob = co_await pair.say_first(bob);
        CHECK(from_alice != from_bob);
        pair.service.tell(from_bob, "for bob");
        pair.service.tell(from_alice, "for alice");
        const auto heard_by_alice = co_await hear(alice);
        const auto heard_by_bob = co_await hear(bob);
        CHECK(heard_by_alice == "for alice");
        CHECK(heard_by_bob == "for bob");
    });
}

TEST_CASE("forward: messages of unknown peers to a client's port are not forwarded")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        plain_service unknown_peer{pair.io};
        unknown_peer.tell(from, "from a stranger");
        pair.service.tell(from, "from the service");
        const auto heard = co_await hear(client);
        CHECK(heard == "from the service");
    });
}

TEST_CASE("forward: many messages in flight arrive in order in both directions")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        for (int i = 0; i < 40; ++i) {
            co_await tell(client, std::to_string(i));
            pair.service.tell(from, std::to_string(i));
        }
        for (int i = 0; i < 40; ++i) {
            const auto there = co_await pair.service.hear();
            const auto back = co_await hear(client);
            CHECK(there.first == std::to_string(i));
            CHECK(back == std::to_string(i));
        }
    });
}

TEST_CASE("forward: the service receives the messages that a client sent before it closed its session")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        {
            auto client = co_await pair.connect();
            for (int i = 0; i < 20; ++i) co_await tell(client, std::to_string(i));
        }
        for (int i = 0; i < 20; ++i) {
            const auto there = co_await pair.service.hear();
            CHECK(there.first == std::to_string(i));
        }
    });
}

TEST_CASE("forward: a changed rule applies to new clients, and live sessions keep their service")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto old = co_await pair.connect();
        co_await pair.say_first(old);

        plain_service other{pair.io};
        pair.started.handler->use({{}, other.address(), 0ms});
        auto new_client = co_await pair.connect();
        co_await tell(new_client, "to the other");
        const auto heard_there = co_await other.hear();
        CHECK(heard_there.first == "to the other");
        co_await pair.say_first(old);
    });
}

TEST_CASE("forward: each counter has its own name and help text and counts separately")
{
    std::set<std::string_view> names, sentences;
    for (std::size_t i = 0; i < forward_event_count; ++i) {
        const auto event = static_cast<forward_event>(i);
        names.insert(name_of(event));
        sentences.insert(help_of(event));
        CHECK(name_of(event).rfind("forward_", 0) == 0);

        forward_counters counters;
        counters.add(event);
        auto counted = counters.read();
        counted += counted;
        for (std::size_t j = 0; j < forward_event_count; ++j)
            CHECK(counted[static_cast<forward_event>(j)] == (i == j ? 2 : 0));
    }
    CHECK(names.size() == forward_event_count);
    CHECK(sentences.size() == forward_event_count);
}

TEST_CASE("forward: long answers to short requests are not lost after a NAT has changed a client's port")
{
    forwarding pair{0ms, record_layer::detached, true};
    asio::co_spawn(
        pair.io,
        [&]() -> asio::awaitable<void> {
            for (;;) pair.service.tell((co_await pair.service.hear()).second, std::string(1'300, 'a'));
        },
        asio::detached);
    std::thread backend{[&] { pair.io.run(); }};
    stepwise_client client{pair.started.server->local_endpoints().front()};
    client.want_connection_id();
    CHECK(client.connect());
    const auto answered = [&] { return client.echo(std::string(60, 'q')).size() == 1'300; };
    CHECK(answered());
    client.move();
    for (int i = 0; i < 12; ++i) CHECK(answered());
    CHECK(pair.started.server->metrics().sessions_moved == 1);
    CHECK(pair.started.server->metrics().datagrams_withheld == 0);
    pair.io.stop();
    backend.join();
}
