#include "program/forward_handler.hpp"

#include "program/forward_server.hpp"
#include "support/conversation.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace quivive;
using namespace quivive::program;
using namespace std::chrono_literals;
using test::eventually;
using test::trusting;
namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr auto token = test::as_values;
const udp::endpoint anywhere{asio::ip::address_v4::loopback(), 0};

std::string text(asio::const_buffer view) { return {static_cast<const char*>(view.data()), view.size()}; }

std::size_t open_files()
{
    const std::filesystem::directory_iterator files{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// Plain UDP, and nothing else.
class plain_service {
public:
    explicit plain_service(asio::io_context& io, const udp::endpoint& at = anywhere) : socket_{io, at} {}

    [[nodiscard]] udp::endpoint address() const { return socket_.local_endpoint(); }

    /// The next message, and the end of the wire that it came from.
    asio::awaitable<std::pair<std::string, udp::endpoint>> hear()
    {
        std::string message(20'000, '\0');
        udp::endpoint from;
        message.resize(co_await socket_.async_receive_from(asio::buffer(message), from, asio::use_awaitable));
        co_return std::pair{message, from};
    }
    void tell(const udp::endpoint& to, const std::string& message)
    {
        socket_.send_to(asio::buffer(message), to);
    }
    void close() { socket_.close(); }

private:
    udp::socket socket_;
};

/// A forwarder on threads of its own, before a plain service.
struct forwarding {
    explicit forwarding(std::chrono::milliseconds idle_timeout = 0ms)
        : rule{{anywhere}, service.address(), idle_timeout}
    {
        auto base = test::loopback_config();
        base.log = [this](log_level, std::string_view line) {
            const std::lock_guard lock{mutex};
            log.emplace_back(line);
        };
        started = start_forward(base, rule);
    }

    asio::awaitable<session> connect()
    {
        return async_connect(io.get_executor(), started.server->local_endpoints().front(), trusting(),
                             asio::use_awaitable);
    }
    /// A client's first message, and where the service hears it from.
    asio::awaitable<udp::endpoint> say_first(session& client)
    {
        co_await client.async_send(asio::buffer("first", 5), asio::use_awaitable);
        const auto [message, from] = co_await service.hear();
        CHECK(message == "first");
        co_return from;
    }
    template <typename Talk>
    void run(Talk talk)
    {
        test::run(io, [&]() -> asio::awaitable<int> {
            co_await talk();
            co_return 0;
        }());
    }
    [[nodiscard]] std::uint64_t count(forward_event event) const { return started.handler->counts()[event]; }
    [[nodiscard]] std::vector<std::string> lines_with(std::string_view words)
    {
        const std::lock_guard lock{mutex};
        std::vector<std::string> found;
        for (const auto& line : log)
            if (line.find(words) != std::string::npos) found.push_back(line);
        return found;
    }

    asio::io_context io;
    plain_service service{io};
    forward_rule rule;
    std::mutex mutex;
    std::vector<std::string> log;
    forwarder started;
};

asio::awaitable<void> say(session& by, std::string message)
{
    co_await by.async_send(asio::buffer(message), asio::use_awaitable);
}

asio::awaitable<std::string> hear(session& by)
{
    co_return text(co_await by.async_receive(asio::use_awaitable));
}

asio::awaitable<error_code> end_of(session& by)
{
    const auto [error, view] = co_await by.async_receive(token);
    co_return error;
}

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

TEST_CASE("forward: messages go both ways, and the service sees one stable port a client")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        pair.service.tell(from, "answer");
        const auto answer = co_await hear(client);
        CHECK(answer == "answer");

        co_await say(client, "second");
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

TEST_CASE("forward: two clients have two ports, and each gets its own answers")
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

TEST_CASE("forward: strangers cannot speak through a client's port")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        plain_service stranger{pair.io};
        stranger.tell(from, "from a stranger");
        pair.service.tell(from, "from the service");
        const auto heard = co_await hear(client);
        CHECK(heard == "from the service");
    });
}

TEST_CASE("forward: many messages in flight arrive in order, both ways")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        for (int i = 0; i < 40; ++i) {
            co_await say(client, std::to_string(i));
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

TEST_CASE("forward: what a client said before it left arrives")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        {
            auto client = co_await pair.connect();
            for (int i = 0; i < 20; ++i) co_await say(client, std::to_string(i));
        }
        for (int i = 0; i < 20; ++i) {
            const auto there = co_await pair.service.hear();
            CHECK(there.first == std::to_string(i));
        }
    });
}

TEST_CASE("forward: a message larger than the session takes is counted and told, and the session goes on")
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
    CHECK(told.size() < 3);  // once a second at most
}

TEST_CASE("forward: an empty message, which cannot be sent, is counted, and the session goes on")
{
    forwarding pair;
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

TEST_CASE("forward: a service that refuses is counted, and is heard of again when it is back")
{
    forwarding pair;
    const auto address = pair.service.address();
    pair.service.close();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        for (int i = 0; i < 5; ++i) {
            co_await say(client, "anybody there?");
            co_await pause(10ms);
        }
        CHECK(eventually([&] { return pair.count(forward_event::refused) > 0; }));

        plain_service back{pair.io, address};
        co_await say(client, "now?");
        const auto [message, from] = co_await back.hear();
        CHECK(message == "now?");
        back.tell(from, "yes");
        const auto heard = co_await hear(client);
        CHECK(heard == "yes");
    });
    CHECK(pair.count(forward_event::failed) == 0);
}

TEST_CASE("forward: a message does not pay for the refusal of the one before it")
{
    forwarding pair;
    const auto address = pair.service.address();
    pair.service.close();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        // Without a pause: the refusal of one is often reported to the next, which is then sent anew.
        for (int i = 0; i < 50; ++i) co_await say(client, "anybody there?");
        CHECK(eventually([&] { return pair.count(forward_event::to_backend) == 50; }));
    });
    CHECK(pair.count(forward_event::refused) > 0);
}

TEST_CASE("forward: a session without a message in either direction is closed")
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
    CHECK(eventually([&] { return open_files() == files; }));
}

TEST_CASE("forward: messages in one direction keep a session alive, whichever it is")
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
                co_await say(client, "still here");
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

TEST_CASE("forward: a client that leaves gives its socket back")
{
    forwarding pair;
    const auto files = open_files();
    pair.run([&]() -> asio::awaitable<void> {
        auto client = co_await pair.connect();
        const auto from = co_await pair.say_first(client);
        co_await client.async_close(asio::use_awaitable);
        pair.service.tell(from, "too late");
    });
    CHECK(eventually([&] { return open_files() == files; }));
    CHECK(pair.count(forward_event::to_client) == 0);
}

TEST_CASE("forward: on the user's executor, what waits goes with its execution context")
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

TEST_CASE("forward: another rule is for newcomers; live sessions stay with their service")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        auto old = co_await pair.connect();
        co_await pair.say_first(old);

        plain_service other{pair.io};
        pair.started.handler->use({{}, other.address(), 0ms});
        auto newcomer = co_await pair.connect();
        co_await say(newcomer, "to the other");
        const auto heard_there = co_await other.hear();
        CHECK(heard_there.first == "to the other");
        co_await pair.say_first(old);
    });
}

namespace {

/// No file can be opened but `spare` ones, for as long as it lives.
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

TEST_CASE("forward: a session for which there is no socket is closed, counted and told")
{
    forwarding pair;
    pair.run([&]() -> asio::awaitable<void> {
        {
            const no_files but_for_the_client{1};
            // The close_notify may come together with the handshake's end, and then ends the connecting.
            auto [end, client] = co_await async_connect(
                pair.io.get_executor(), pair.started.server->local_endpoints().front(), trusting(), token);
            if (!end) end = co_await end_of(client);
            CHECK(end == asio::error::eof);
        }
        auto next = co_await pair.connect();
        co_await pair.say_first(next);
    });
    CHECK(pair.count(forward_event::no_socket) == 1);
    CHECK(pair.lines_with("no socket to " + to_string(pair.rule.to)).size() == 1);
}

TEST_CASE("forward: the report has a line for each counter")
{
    forward_counters counters;
    counters.add(forward_event::idle);
    auto counted = counters.read();
    counted += counted;
    CHECK(forward_report(counted) ==
          "forward_to_backend 0\nforward_to_client 0\nforward_too_large 0\nforward_empty 0\n"
          "forward_refused 0\nforward_failed 0\nforward_no_socket 0\nforward_idle 2\n");
}
