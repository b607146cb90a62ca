// Exceptions of handlers: of a coroutine of `serve`, or of a completion handler on a thread of the server.
#include "support/conversation.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::as_values;
using test::eventually;

namespace {

/// A server whose log lines are collected.
struct logged_server {
    std::mutex mutex;
    std::vector<std::string> lines;
    std::optional<server> served;

    explicit logged_server(asio::io_context* users = nullptr)
    {
        auto config = test::loopback_config();
        config.threads = 1;
        config.log = [this](log_level level, std::string_view line) {
            const std::lock_guard lock{mutex};
            if (level == log_level::error) lines.emplace_back(line);
        };
        if (users != nullptr)
            served.emplace(users->get_executor(), config);
        else
            served.emplace(config);
    }
    [[nodiscard]] bool says(std::string_view what)
    {
        const std::lock_guard lock{mutex};
        return std::ranges::any_of(lines, [&](const auto& line) { return line.find(what) != line.npos; });
    }
    [[nodiscard]] auto exceptions() const { return served->metrics().handler_exceptions; }
    [[nodiscard]] asio::ip::udp::endpoint at() const { return served->local_endpoints().front(); }
};

/// Runs a client that sends a message, waits for the end and returns its error.
error_code say_and_hear_the_end(asio::ip::udp::endpoint at)
{
    asio::io_context io;
    return test::run(io, [&]() -> asio::awaitable<error_code> {
        auto to = co_await async_connect(io.get_executor(), at, test::trusting(), asio::use_awaitable);
        co_await to.async_send(asio::buffer("x", 1), asio::use_awaitable);
        const auto [end, nothing] = co_await to.async_receive(as_values);
        co_return end;
    }());
}

/// Runs a client that sends a message and closes.
void say_and_close(asio::ip::udp::endpoint at)
{
    asio::io_context io;
    test::run(io, [&]() -> asio::awaitable<int> {
        auto to = co_await async_connect(io.get_executor(), at, test::trusting(), asio::use_awaitable);
        co_await to.async_send(asio::buffer("x", 1), asio::use_awaitable);
        co_await to.async_close(asio::use_awaitable);
        co_return 0;
    }());
}

[[noreturn]] void fail_with(error_code why) { throw boost::system::system_error{why}; }

}  // namespace

TEST_CASE("an exception of a handler after the end of its session is logged and counted")
{
    // The session's operations report none of these errors.
    const error_code why =
        GENERATE(error_code{asio::error::connection_reset}, error_code{asio::error::operation_aborted},
                 make_error_code(errc::server_stopped));
    logged_server here;
    here.served->serve([why](session s) -> asio::awaitable<void> {
        for (error_code end; !end;) std::tie(end, std::ignore) = co_await s.async_receive(as_values);
        fail_with(why);
    });
    say_and_close(here.at());
    CHECK(eventually([&] { return here.exceptions() == 1; }));
    CHECK(here.says(why.message()));
}

TEST_CASE("an exception of a handler for its own aborted operation is logged and counted")
{
    logged_server here;
    here.served->serve([](session s) -> asio::awaitable<void> {
        (void)co_await s.async_receive(asio::use_awaitable);
        asio::steady_timer timer{co_await asio::this_coro::executor, 1h};
        asio::post(timer.get_executor(), [&] { timer.cancel(); });
        co_await timer.async_wait(asio::use_awaitable);
    });
    CHECK(say_and_hear_the_end(here.at()) == asio::error::eof);
    CHECK(eventually([&] { return here.exceptions() == 1; }));
    CHECK(here.says(error_code{asio::error::operation_aborted}.message()));
}

TEST_CASE("an exception of a handler that only passes on the end of its session is not a failure")
{
    logged_server here;
    const int way = GENERATE(0, 1, 2, 3);
    CAPTURE(way);
    std::atomic<int> over{0};
    here.served->serve([&](session s) -> asio::awaitable<void> {
        const std::shared_ptr<void> at_the_end{nullptr, [&](void*) { ++over; }};
        (void)co_await s.async_receive(asio::use_awaitable);
        if (way == 2) co_await s.async_close(asio::use_awaitable);
        if (way == 3) here.served->stop();
        for (;;) {
            (void)co_await s.async_receive(asio::use_awaitable);
            co_await s.async_send(asio::buffer("y", 1), asio::use_awaitable);
        }
    });
    if (way == 0)
        say_and_close(here.at());
    else if (way == 1)
        asio::post(asio::system_executor{}, [&] {
            if (eventually([&] { return here.served->metrics().messages_received > 0; })) here.served->stop();
        });
    if (way != 0) CHECK(say_and_hear_the_end(here.at()) == asio::error::eof);
    CHECK(eventually([&] { return over == 1; }));
    here.served->stop();
    here.served->join();
    CHECK(here.exceptions() == 0);
    CHECK(here.lines.empty());
}

TEST_CASE("an exception of admit() is logged and counted, and the client is dropped")
{
    struct throwing final : session_handler {
        admission admit(const client_hello&) override { throw std::runtime_error{"no admission"}; }
        asio::awaitable<void> run(session) override { co_return; }
    };
    logged_server here;
    here.served->serve(std::make_shared<throwing>());
    asio::io_context io;
    auto client = test::trusting();
    client.limits.handshake_timeout = 200ms;
    const auto why = test::run(io, [&]() -> asio::awaitable<error_code> {
        auto [error, none] = co_await async_connect(io.get_executor(), here.at(), client, as_values);
        co_return error;
    }());
    CHECK(why == errc::handshake_timeout);
    CHECK(here.exceptions() >= 1);
    CHECK(here.says("no admission"));
}

TEST_CASE("a completion handler that throws on a thread of the server closes only its own session")
{
    using begin = std::function<void(session&)>;
    const auto throws = [](error_code, auto&&...) { throw std::runtime_error{"by a callback"}; };
    static std::array<char, 64> into;
    const std::vector<begin> all{
        [&](session& s) { s.async_receive(throws); },
        [&](session& s) { s.async_receive(asio::buffer(into), throws); },
        [&](session& s) { s.async_send(asio::buffer("y", 1), throws); },
        [&](session& s) { s.async_send(asio::buffer(into.data(), 1'000'000), throws); },  // refused
        [&](session& s) {
            s.async_receive([](error_code, asio::const_buffer) {});
            s.async_receive(throws);  // refused
        },
        [&](session& s) { s.async_export(asio::const_buffer{}, throws); },
    };
    const auto which = GENERATE(range(0, 6));
    CAPTURE(which);
    logged_server here;
    std::vector<std::shared_ptr<session>> held;
    here.served->serve([&](session s) -> asio::awaitable<void> {
        const auto first = co_await s.async_receive(asio::use_awaitable);
        if (*static_cast<const char*>(first.data()) == 'x') {
            held.push_back(std::make_shared<session>(std::move(s)));  // a held session stays open
            all[static_cast<std::size_t>(which)](*held.back());
            co_return;
        }
        co_await s.async_send(first, asio::use_awaitable);
        co_await test::echo(std::move(s));
    });
    asio::io_context io;
    test::run(io, [&]() -> asio::awaitable<int> {
        auto good =
            co_await async_connect(io.get_executor(), here.at(), test::trusting(), asio::use_awaitable);
        const auto before = co_await test::say(good, "one");
        CHECK(before == "one");
        auto bad =
            co_await async_connect(io.get_executor(), here.at(), test::trusting(), asio::use_awaitable);
        co_await bad.async_send(asio::buffer("x", 1), asio::use_awaitable);
        co_await bad.async_send(asio::buffer("x", 1), asio::use_awaitable);
        error_code end;
        while (!end) std::tie(end, std::ignore) = co_await bad.async_receive(as_values);
        CHECK(end == asio::error::eof);
        const auto after = co_await test::say(good, "two");
        CHECK(after == "two");
        co_return 0;
    }());
    CHECK(here.exceptions() == 1);
    CHECK(here.says("by a callback"));
    CHECK(here.says("127.0.0.1:"));
    here.served.reset();  // before the sessions that it would close
}

TEST_CASE("any other exception on a thread of the server is logged and counted, and the thread continues")
{
    logged_server here;
    here.served->serve([](session s) -> asio::awaitable<void> {
        const auto first = co_await s.async_receive(asio::use_awaitable);
        for (int i = 0; i < 3; ++i) asio::post(s.get_executor(), [] { throw 42; });
        co_await s.async_send(first, asio::use_awaitable);
        co_await test::echo(std::move(s));
    });
    asio::io_context io;
    const auto heard = test::run(io, [&]() -> asio::awaitable<std::string> {
        auto to = co_await async_connect(io.get_executor(), here.at(), test::trusting(), asio::use_awaitable);
        (void)co_await test::say(to, "one");
        co_return co_await test::say(to, "two");
    }());
    CHECK(heard == "two");
    CHECK(here.exceptions() == 3);
    CHECK(here.says("unknown type"));
}

TEST_CASE("a completion handler of a client's session that throws on a server's thread closes that session")
{
    logged_server other;
    other.served->serve(test::echo);
    logged_server here;
    std::promise<error_code> ended;
    std::shared_ptr<session> client;
    here.served->serve([&](session s) -> asio::awaitable<void> {
        client = std::make_shared<session>(co_await async_connect(
            co_await asio::this_coro::executor, other.at(), test::trusting(), asio::use_awaitable));
        client->async_send(asio::buffer("x", 1),
                           [&](error_code, std::size_t) { throw std::runtime_error{"sent"}; });
        const auto [end, nothing] = co_await client->async_receive(as_values);
        ended.set_value(end);
        co_await test::echo(std::move(s));
    });
    asio::io_context io;
    test::run(io, [&]() -> asio::awaitable<int> {
        auto to = co_await async_connect(io.get_executor(), here.at(), test::trusting(), asio::use_awaitable);
        const auto heard = co_await test::say(to, "still there");
        CHECK(heard == "still there");
        co_return 0;
    }());
    auto end = ended.get_future();
    REQUIRE(end.wait_for(10s) == std::future_status::ready);
    CHECK(end.get() == asio::error::operation_aborted);
    CHECK(here.exceptions() == 1);
    here.served.reset();
}
