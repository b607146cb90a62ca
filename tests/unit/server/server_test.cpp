#include "quivive/server.hpp"

#include "support/conversation.hpp"
#include "support/stepwise_client.hpp"

#include <atomic>
#include <future>

using namespace quivive;
using namespace std::chrono_literals;
using test::run;
using test::say;
using test::trusting;
namespace asio = boost::asio;

TEST_CASE("server: on the user's executor an echo answers a client")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    const auto answer = run(io, [&]() -> asio::awaitable<std::string> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                         asio::use_awaitable);
        auto first = co_await say(to, "hello");
        co_await to.async_close(asio::use_awaitable);
        served.stop();
        co_return first;
    }());
    CHECK(answer == "hello");
    CHECK(served.metrics().balanced());
    CHECK(served.metrics().associations == 0);
    CHECK(served.metrics().answered == 1);
    CHECK(served.metrics().cookies_proven == 1);
}

TEST_CASE("server: on its own threads an echo answers several clients")
{
    auto config = test::loopback_config();
    config.threads = GENERATE(std::size_t{1}, std::size_t{3});
    server served{config};
    served.serve(test::echo);
    asio::io_context io;
    for (int i = 0; i < 8; ++i) {
        const auto answer = run(io, [&]() -> asio::awaitable<std::string> {
            auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), trusting(),
                                             asio::use_awaitable);
            co_return co_await say(to, std::to_string(i));
        }());
        CHECK(answer == std::to_string(i));
    }
    CHECK(test::eventually([&] { return served.metrics().associations == 0; }));
    served.stop();
    served.join();
    CHECK(served.metrics().balanced());
}

TEST_CASE("server: a subclass of session_handler gets the calls of admit, run and closed")
{
    struct handler final : session_handler {
        // Catch2 supports CHECK on one thread at a time, so the server's thread uses none.
        std::atomic<int> admitted{0}, as_expected{0}, ended{0};
        std::promise<error_code> why;
        admission admit(const client_hello& hello) override
        {
            ++admitted;
            if (hello.cookie_proven && hello.offers("echo/1") && !hello.offers("echo/2")) ++as_expected;
            return admission::by_policy;
        }
        asio::awaitable<void> run(session session) override { co_await test::echo(std::move(session)); }
        void closed(const session_info& info, error_code end) noexcept override
        {
            if (info.alpn == "echo/1") ++as_expected;
            if (++ended == 1) why.set_value(end);
        }
    };
    auto config = test::loopback_config();
    config.alpn = {"echo/1"};
    server served{config};
    const auto given = std::make_shared<handler>();
    served.serve(given);
    asio::io_context io;
    auto client = trusting();
    client.alpn = {"echo/1"};
    const auto info = run(io, [&]() -> asio::awaitable<session_info> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                         asio::use_awaitable);
        const auto heard = co_await say(to, "x");
        CHECK(heard == "x");
        co_await to.async_close(asio::use_awaitable);
        co_return to.info();
    }());
    CHECK(info.protocol == "DTLS1.2");
    CHECK(info.alpn == "echo/1");
    CHECK(info.peer_pin == served.pin());
    auto why = given->why.get_future();
    REQUIRE(why.wait_for(10s) == std::future_status::ready);
    CHECK(why.get() == asio::error::eof);
    CHECK(given->admitted == 1);
    CHECK(given->as_expected == 2);
}

TEST_CASE("server: a hello dropped by admit() gets no answer and is counted as refused_by_policy")
{
    struct refusing final : session_handler {
        admission admit(const client_hello&) override { return admission::drop; }
        asio::awaitable<void> run(session) override { co_return; }
    };
    server served{test::loopback_config()};
    served.serve(std::make_shared<refusing>());
    asio::io_context io;
    auto client = trusting();
    client.limits.handshake_timeout = 300ms;
    const auto error = run(io, [&]() -> asio::awaitable<error_code> {
        auto [why, none] = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                                  test::as_values);
        co_return why;
    }());
    CHECK(error == errc::handshake_timeout);
    CHECK(served.metrics().dropped[drop_reason::refused_by_policy] >= 1);
    CHECK(served.metrics().handshakes_started == 0);
}

TEST_CASE("server: a bad configuration is refused with all its problems")
{
    server_config config;
    config.mtu = 10;
    config.cookies.rotate_every = 0ms;
    try {
        server served{config};
        FAIL("not refused");
    } catch (const config_error& error) {
        CHECK(error.problems().size() == 3);
        CHECK(std::string{error.what()}.find("listen") != std::string::npos);
        CHECK(std::string{error.what()}.find("mtu") != std::string::npos);
        CHECK(std::string{error.what()}.find("rotate_every") != std::string::npos);
    }
}

TEST_CASE("server: the error for an address in use contains the address")
{
    server first{test::loopback_config()};
    auto config = test::loopback_config();
    config.listen = first.local_endpoints();
    try {
        server second{config};
        FAIL("bound twice");
    } catch (const boost::system::system_error& error) {
        CHECK(error.code() == boost::system::errc::address_in_use);
        CHECK(std::string{error.what()}.find("127.0.0.1:") != std::string::npos);
    }
}

TEST_CASE("server: a new handshake from a client's port replaces its session (RFC 6347 4.2.8)")
{
    server served{test::loopback_config()};
    std::promise<error_code> ended;
    struct handler final : session_handler {
        std::promise<error_code>& ended;
        bool told = false;
        explicit handler(std::promise<error_code>& p) : ended{p} {}
        asio::awaitable<void> run(session session) override { co_await test::echo(std::move(session)); }
        void closed(const session_info&, error_code why) noexcept override
        {
            if (!std::exchange(told, true)) ended.set_value(why);
        }
    };
    served.serve(std::make_shared<handler>(ended));
    test::stepwise_client client{served.local_endpoints().front()};
    REQUIRE(client.connect());
    CHECK(client.echo("first life") == "first life");
    REQUIRE(client.connect());
    CHECK(client.echo("second life") == "second life");
    auto why = ended.get_future();
    REQUIRE(why.wait_for(10s) == std::future_status::ready);
    CHECK(why.get() == errc::replaced);
    CHECK(served.metrics().sessions == 1);
    CHECK(served.metrics().sessions_replaced == 1);
}
