#include "forward_fixture.hpp"
#include "support/process_counts.hpp"

using namespace quivive;
using namespace quivive::program;
using namespace quivive::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("forward: a session is closed after the idle timeout if neither side sends a message")
{
    forwarding pair{200ms};
    const auto files = open_files();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto end = co_await end_of(client);
        CHECK(end == asio::error::eof);
    });
    CHECK(pair.count(forward_event::idle) == 1);
    CHECK(eventually([&] { return pair.started.server->metrics().associations == 0; }));
    CHECK(eventually([&] { return open_files() <= files; }));
}

TEST_CASE("forward: messages in either direction alone keep a session alive")
{
    forwarding pair{1'000ms};
    const bool by_client = GENERATE(true, false);
    CAPTURE(by_client);
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        for (int i = 0; i < 20; ++i) {
            co_await pause(100ms);
            if (by_client) {
                co_await tell(client, "still here");
                co_await pair.service.hear();
            } else {
                pair.service.tell(from, "still here");
                co_await hear(client);
            }
        }
        CHECK(pair.count(forward_event::idle) == 0);
        const auto end = co_await end_of(client);
        CHECK(end == asio::error::eof);
    });
    CHECK(pair.count(forward_event::idle) == 1);
}

TEST_CASE("forward: when the server stops, sessions end and all sockets are closed")
{
    const auto files = open_files();
    {
        forwarding pair;
        pair.run([&]() -> asio::awaitable<void> {
            auto alice = co_await pair.connect();
            auto bob = co_await pair.connect();
            co_await pair.say_first(alice);
            pair.started.server->stop();
            const auto end = co_await end_of(bob);
            CHECK(end == asio::error::eof);
        });
        pair.started.server->join();
        CHECK(pair.started.server->metrics().handler_exceptions == 0);
    }
    CHECK(open_files() == files);
}

TEST_CASE("forward: a client's socket to the service is closed when the client closes its session")
{
    forwarding pair;
    const auto files = open_files();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        co_await client.async_close(asio::use_awaitable);
        pair.service.tell(from, "too late");
    });
    // Fewer files may be open, since a sanitizer may have had some open when they were counted.
    CHECK(eventually([&] { return open_files() <= files; }));
    CHECK(pair.count(forward_event::to_client) == 0);
}

TEST_CASE("forward: waiting operations on a user's executor are destroyed with its execution context")
{
    const auto files = open_files();
    const auto handler = [&] {
        asio::io_context io;
        plain_service service{io};
        const auto made = std::make_shared<forward_handler>(forward_rule{{}, service.address(), 1h});
        server served{io.get_executor(), test::loopback_config()};
        served.serve(made);
        std::optional<session> client;
        async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                      [&](error_code why, session connected) {
                          CHECK_FALSE(why);
                          client = std::move(connected);
                          client->async_send(asio::buffer("there", 5), [](error_code, std::size_t) {});
                      });
        CHECK(eventually([&] {
            io.poll();
            return made->counts()[forward_event::to_backend] == 1;
        }));
        return made;
    }();
    CHECK(handler.use_count() == 1);
    CHECK(open_files() == files);
}
