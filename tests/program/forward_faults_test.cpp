#include "forward_fixture.hpp"
#include "support/allocated.hpp"

#include <sys/resource.h>
#include <unistd.h>

using namespace quivive;
using namespace quivive::program;
using namespace quivive::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("forward: a message too large for the session is counted and logged, and the session continues")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        const std::string fits(client.max_message_size(), 'f');
        for (const std::size_t excess : {1U, 2U, 10'000U})
            pair.service.tell(from, fits + std::string(excess, 'x'));
        pair.service.tell(from, fits);
        const auto heard = co_await hear(client);
        CHECK(heard == fits);
    });
    CHECK(pair.count(forward_event::too_large) == 3);
    CHECK(pair.count(forward_event::to_client) == 1);
    const auto told = pair.lines_with("larger than");
    REQUIRE_FALSE(told.empty());
    CHECK(told.size() < 3);  // at most one line a second
}

TEST_CASE("forward: an empty message is forwarded")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        pair.service.tell(from, "");
        const auto heard = co_await hear(client);
        CHECK(heard.empty());
    });
    CHECK(pair.count(forward_event::empty) == 0);
}

TEST_CASE(
    "forward: an empty message that an attached session cannot send is counted, and the session continues")
{
    forwarding pair{std::chrono::milliseconds{0}, quivive::record_layer::attached};
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        pair.service.tell(from, "");
        pair.service.tell(from, "not empty");
        const auto heard = co_await hear(client);
        CHECK(heard == "not empty");
    });
    CHECK(pair.count(forward_event::empty) == 1);
    CHECK(pair.count(forward_event::too_large) == 0);
}

TEST_CASE("forward: refused messages are counted, and later messages arrive when the service is back")
{
    forwarding pair;
    const auto address = pair.service.address();
    pair.service.close();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        for (int i = 0; i < 5; ++i) {
            co_await tell(client, "anybody there?");
            co_await pause(10ms);
        }
        CHECK(eventually([&] { return pair.count(forward_event::refused) > 0; }));
        // No message is in transit when the service is back.
        CHECK(eventually([&] { return pair.count(forward_event::to_backend) == 5; }));

        plain_service back{pair.io, address};
        co_await tell(client, "now?");
        const auto [message, from] = co_await back.hear();
        CHECK(message == "now?");
        back.tell(from, "yes");
        const auto heard = co_await hear(client);
        CHECK(heard == "yes");
    });
    CHECK(pair.count(forward_event::failed) == 0);
}

TEST_CASE("forward: a refused message does not cause the loss of the next message")
{
    forwarding pair;
    pair.service.close();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        // Sends without a pause, so that a send often reports the refusal of the previous message and is
        // repeated.
        for (int i = 0; i < 50; ++i) co_await tell(client, "anybody there?");
    });
    CHECK(eventually([&] { return pair.count(forward_event::to_backend) == 50; }));
    CHECK(pair.count(forward_event::refused) > 0);
}

namespace {

/// Leaves only `spare` file descriptors free during its lifetime.
class no_files {
public:
    explicit no_files(int spare)
    {
        getrlimit(RLIMIT_NOFILE, &before_);
        auto few = before_;
        few.rlim_cur = 256;
        setrlimit(RLIMIT_NOFILE, &few);
        for (int file = dup(0); file >= 0; file = dup(0)) held_.push_back(file);
        for (; spare > 0; --spare) release();
    }
    ~no_files()
    {
        while (!held_.empty()) release();
        setrlimit(RLIMIT_NOFILE, &before_);
    }
    no_files(const no_files&) = delete;
    no_files& operator=(const no_files&) = delete;

private:
    void release()
    {
        close(held_.back());
        held_.pop_back();
    }

    rlimit before_{};
    std::vector<int> held_;
};

}  // namespace

// The undefined behaviour sanitizer needs file descriptors to inspect objects, and reports valid objects
// without them.
#if !defined(QUIVIVE_ADDRESS_SANITIZED)

TEST_CASE("forward: a session is closed, counted and logged if no socket can be opened for it")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        {
            const no_files but_for_the_client{1};
            // The close_notify may arrive with the end of the handshake, and then ends the connection
            // attempt.
            auto [end, client] =
                co_await async_connect(pair.io.get_executor(), pair.started.server->local_endpoints().front(),
                                       trusting(), as_values);
            if (!end) end = co_await end_of(client);
            CHECK(end == asio::error::eof);
        }
        auto next = co_await pair.connect();
        co_await pair.say_first(next);
    });
    CHECK(pair.count(forward_event::no_socket) == 1);
    CHECK(pair.lines_with("no socket to " + to_string(pair.rule.to)).size() == 1);
}

#endif

TEST_CASE("forward: a session is closed, counted and logged if its socket cannot connect to the service")
{
    forwarding pair;
    auto unreachable = pair.rule;
    unreachable.to = {asio::ip::address_v4::broadcast(), 9};  // a plain socket cannot connect to it
    pair.started.handler->use(unreachable);
    pair.run([&]() -> asio::awaitable<void> {
        auto [end, client] = co_await async_connect(
            pair.io.get_executor(), pair.started.server->local_endpoints().front(), trusting(), as_values);
        if (!end) end = co_await end_of(client);
        CHECK(end == asio::error::eof);
    });
    CHECK(pair.count(forward_event::no_socket) == 1);
    CHECK(pair.lines_with("no socket to 255.255.255.255:9").size() == 1);
}
