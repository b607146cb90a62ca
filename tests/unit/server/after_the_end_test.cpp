// Operations on a server and its sessions after the server has ended, and the threads that handlers run on.
#include "support/conversation.hpp"
#include "support/process_counts.hpp"

#include <boost/asio/bind_executor.hpp>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::run_beside;

namespace {

/// Handlers on an io_context of the application, which runs it for nothing else.
class heard {
public:
    auto tell()
    {
        return asio::bind_executor(io_, [this](error_code why, auto&&...) { why_ = why; });
    }
    /// Returns the error passed to the handler; fails when the handler is not called.
    error_code what()
    {
        io_.restart();
        io_.run_for(20s);
        REQUIRE(why_);
        return *std::exchange(why_, std::nullopt);
    }

private:
    asio::io_context io_;
    std::optional<error_code> why_;
};

/// A server with threads of its own, and one session that the application holds.
struct held {
    explicit held(std::size_t threads = 1)
    {
        auto config = test::loopback_config();
        config.threads = threads;
        served.emplace(config);
        served->serve([this](session s) -> asio::awaitable<void> {
            given.set_value(std::move(s));
            co_return;
        });
        peer = run_beside(clients, [this]() -> asio::awaitable<session> {
            co_return co_await async_connect(clients.get_executor(), served->local_endpoints().front(),
                                             test::trusting(), asio::use_awaitable);
        }());
        auto future = given.get_future();
        REQUIRE(future.wait_for(20s) == std::future_status::ready);
        here = future.get();
    }

    asio::io_context clients;
    std::promise<session> given;
    std::optional<server> served;
    session peer, here;
};

/// Returns the id of the calling thread; the default id after an error.
std::thread::id thread_without(const error_code& why)
{
    return why ? std::thread::id{} : std::this_thread::get_id();
}

}  // namespace

TEST_CASE("after the end: every operation of a session reports server_stopped")
{
    heard told;
    held of{2};
    SECTION("stopped, and its threads have ended")
    {
        of.served->stop();
        of.served->join();
    }
    SECTION("destroyed") { of.served.reset(); }
    std::array<char, 16> into{};
    of.here.async_send(asio::buffer("word", 4), told.tell());
    CHECK(told.what() == errc::server_stopped);
    of.here.async_receive(asio::buffer(into), told.tell());
    CHECK(told.what() == errc::server_stopped);
    of.here.async_receive(told.tell());
    CHECK(told.what() == errc::server_stopped);
    of.here.async_export({}, told.tell());
    CHECK(told.what() == errc::server_stopped);
    of.here.async_close(told.tell());
    CHECK(told.what() == error_code{});
    CHECK(of.here.async_send(asio::buffer("word", 4), asio::use_future).wait_for(20s) ==
          std::future_status::ready);
}

TEST_CASE("after the end: another thread may use a client's session on a server's thread while that ends")
{
    server other{test::loopback_config()};
    other.serve(test::echo);
    for (int round = 0; round < 4; ++round) {
        held of;
        auto made = async_connect(of.here.get_executor(), other.local_endpoints().front(), test::trusting(),
                                  asio::use_future);
        REQUIRE(made.wait_for(20s) == std::future_status::ready);
        auto client = made.get();
        const auto kept = std::make_shared<int>();  // one reference for each handler, called or not
        std::atomic<bool> over{false};
        std::thread asking{[&] {
            while (!over) {
                client.async_send(asio::buffer("word", 4), [kept](error_code, std::size_t) {});
                client.async_receive([kept](error_code, asio::const_buffer) {});
            }
        }};
        of.served.reset();
        over = true;
        asking.join();
        client = {};
        CHECK(test::eventually([&] { return kept.use_count() == 1; }));
    }
}

TEST_CASE("after the end: operations of a server complete after its threads have ended")
{
    heard told;
    held of;
    of.served->stop();
    of.served->join();
    of.served->async_accept(told.tell());
    CHECK(told.what() == errc::already_serving);
    of.served->async_stop(0ms, told.tell());
    CHECK(told.what() == error_code{});
    of.served->async_export_all("/proc/none", told.tell());
    CHECK(told.what() == errc::no_state);
}

TEST_CASE("after the end: a handler that stops its server gets the error from its own send")
{
    std::optional<server> served{std::in_place, test::loopback_config()};
    std::promise<error_code> told;
    served->serve([&](session s) -> asio::awaitable<void> {
        (void)co_await s.async_receive(asio::use_awaitable);
        served->stop();
        for (;;) {  // until the session has ended
            const auto [why, sent] = co_await s.async_send(asio::buffer("word", 4), test::as_values);
            if (!why) continue;
            told.set_value(why);
            co_return;
        }
    });
    asio::io_context clients;
    auto peer = run_beside(clients, [&]() -> asio::awaitable<session> {
        auto with = co_await async_connect(clients.get_executor(), served->local_endpoints().front(),
                                           test::trusting(), asio::use_awaitable);
        co_await with.async_send(asio::buffer("stop", 4), asio::use_awaitable);
        co_return with;
    }());
    auto future = told.get_future();
    while (future.wait_for(0s) != std::future_status::ready && clients.run_one_for(1s) > 0) {
    }
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    CHECK(future.get() == errc::server_stopped);
    served.reset();
}

TEST_CASE("after the end: a session that outlives the io_context of its server or client reports its end")
{
    heard told;
    session of_server, of_client;
    {
        asio::io_context io;
        server served{io.get_executor(), test::loopback_config()};
        served.serve([&](session s) -> asio::awaitable<void> {
            of_server = std::move(s);
            co_return;
        });
        of_client = run_beside(io, [&]() -> asio::awaitable<session> {
            co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                             test::trusting(), asio::use_awaitable);
        }());
        test::run_until(io, [&] { return of_server.is_open(); });
    }
    of_server.async_send(asio::buffer("word", 4), told.tell());
    CHECK(told.what() == errc::server_stopped);
    of_server.async_receive(told.tell());
    CHECK(told.what() == errc::server_stopped);
    of_client.async_send(asio::buffer("word", 4), told.tell());
    CHECK(told.what() == asio::error::operation_aborted);
}

TEST_CASE("threads: a server has the configured number of threads, and all handlers run on them")
{
    const auto before = test::running_threads();
    auto config = test::loopback_config();
    config.threads = 2;
    std::optional<server> served{std::in_place, config};
    std::promise<std::thread::id> accepted, stopped;
    std::promise<void> over;
    session here;
    served->async_accept([&](error_code why, attempt attempt) {
        accepted.set_value(thread_without(why));
        attempt.async_accept([&](error_code, session s) {
            here = std::move(s);
            over.set_value();
        });
    });
    asio::io_context clients;
    auto peer = run_beside(clients, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(clients.get_executor(), served->local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
    }());
    const auto accepting = accepted.get_future().get();
    CHECK(accepting != std::thread::id{});
    CHECK(accepting != std::this_thread::get_id());
    over.get_future().get();
    CHECK(test::running_threads() == before + 2);

    // The shard without a session has no more work and waits for the other shard.
    served->async_stop(200ms, [&](error_code why) { stopped.set_value(thread_without(why)); });
    auto future = stopped.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    CHECK(future.get() == accepting);
    CHECK(test::running_threads() <= before + 2);
    served.reset();
    CHECK(test::running_threads() == before);
}

TEST_CASE("threads: an accept that waits when its server stops completes on the server's thread")
{
    const auto before = test::running_threads();
    std::optional<server> served{std::in_place, test::loopback_config()};
    std::promise<error_code> told;
    served->async_accept([&](error_code why, attempt) { told.set_value(why); });
    served->stop();
    auto future = told.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    CHECK(future.get() == errc::server_stopped);
    CHECK(test::running_threads() <= before + 1);
    served.reset();
    CHECK(test::running_threads() == before);
}
