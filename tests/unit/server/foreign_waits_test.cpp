// Handlers that wait for an object of the application while their server, with threads of its own, is
// destroyed. Their dependencies live as long as they do; the sanitizers check that.
#include "support/conversation.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::eventually;

namespace {

using waiting = std::function<asio::awaitable<void>()>;

/// A server whose handler runs the given wait, with a client.
struct waited_for {
    asio::io_context client_io;
    session client;
    std::optional<server> served;
    std::atomic<int> begun{0};
    std::atomic<int> resumed{0};
    std::atomic<int> gone{0};  ///< destroyed frames
    std::atomic<std::thread::id> resumed_on{};

    explicit waited_for(waiting wait, std::size_t threads = 1)
    {
        auto config = test::loopback_config();
        config.threads = threads;
        served.emplace(config);
        served->serve([this, wait = std::move(wait)](session s) -> asio::awaitable<void> {
            const std::shared_ptr<void> at_the_end{nullptr, [this](void*) { ++gone; }};
            (void)co_await s.async_receive(asio::use_awaitable);
            ++begun;
            try {
                co_await wait();
            } catch (const boost::system::system_error&) {
            }
            resumed_on = std::this_thread::get_id();
            ++resumed;
        });
        client = test::run_beside(client_io, [&]() -> asio::awaitable<session> {
            auto to = co_await async_connect(client_io.get_executor(), served->local_endpoints().front(),
                                             test::trusting(), asio::use_awaitable);
            co_await to.async_send(asio::buffer("x", 1), asio::use_awaitable);
            co_return to;
        }());
        REQUIRE(eventually([&] { return begun == 1; }));
    }

    /// Destroys the server and returns the time that takes.
    std::chrono::steady_clock::duration destroy()
    {
        const auto start = std::chrono::steady_clock::now();
        served.reset();
        return std::chrono::steady_clock::now() - start;
    }
};

asio::awaitable<void> wait_for(asio::steady_timer& timer) { co_await timer.async_wait(asio::use_awaitable); }

}  // namespace

TEST_CASE(
    "destroyed server: its handler may wait for a timer of an io_context that the destroying thread runs")
{
    asio::io_context io;
    asio::steady_timer timer{io, 1h};
    waited_for here{[&] { return wait_for(timer); }};
    CHECK(here.destroy() < 5s);
    CHECK(here.gone == 0);  // still waiting
    timer.cancel();
    io.run();
    CHECK(here.gone == 1);
    CHECK(here.resumed == 0);
}

TEST_CASE("destroyed server: its waiting handler is destroyed with the context of the timer")
{
    auto io = std::make_unique<asio::io_context>();
    std::optional<asio::steady_timer> timer{std::in_place, *io, 1h};
    waited_for here{[&] { return wait_for(*timer); }};
    here.destroy();
    CHECK(here.gone == 0);
    timer.reset();
    io.reset();
    CHECK(here.gone == 1);
    CHECK(here.resumed == 0);
}

TEST_CASE("destroyed server: another thread resumes the handler at that moment, or never")
{
    asio::io_context io;
    const auto work = asio::make_work_guard(io);
    std::thread thread{[&] { io.run(); }};
    for (int round = 0; round < 10; ++round) {
        // About when the threads of the server end.
        waited_for here{[&]() -> asio::awaitable<void> {
            asio::steady_timer timer{io, 480ms + round * 4ms};
            co_await timer.async_wait(
                asio::bind_executor(co_await asio::this_coro::executor, asio::use_awaitable));
        }};
        here.destroy();
        CHECK(eventually([&] { return here.gone == 1; }));
        CHECK(here.resumed <= 1);
        CHECK(here.resumed_on != thread.get_id());
    }
    io.stop();
    thread.join();
}

TEST_CASE("destroyed server: its handler may wait for a thread pool of the application")
{
    const int way = GENERATE(0, 1, 2, 3);
    CAPTURE(way);
    std::promise<void> go;
    auto may_go = go.get_future();
    asio::thread_pool pool{1};
    const auto work = [&] { may_go.wait(); };
    waited_for here{[&]() -> asio::awaitable<void> {
        if (way == 0) {  // a coroutine on the pool
            co_await asio::co_spawn(
                pool,
                [&]() -> asio::awaitable<void> {
                    work();
                    co_return;
                },
                asio::use_awaitable);
        } else if (way == 1) {  // an entry in the pool's queue
            asio::post(pool, work);
            co_await asio::post(pool, asio::use_awaitable);
        } else if (way == 2) {  // the same through a strand of the handler's executor
            asio::post(pool, work);
            const auto strand = asio::make_strand(co_await asio::this_coro::executor);
            co_await asio::co_spawn(
                strand, [&]() -> asio::awaitable<void> { co_await asio::post(pool, asio::use_awaitable); },
                asio::use_awaitable);
        } else {  // an operation with a custom initiation
            co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
                [&](auto handler) {
                    asio::post(pool, [&, h = std::make_shared<decltype(handler)>(std::move(handler))] {
                        work();
                        auto executor = asio::get_associated_executor(*h);
                        asio::post(executor, std::move(*h));
                    });
                },
                asio::use_awaitable);
        }
    }};
    CHECK(here.destroy() < 5s);
    CHECK(here.gone == 0);
    go.set_value();
    pool.join();
    CHECK(here.gone == 1);
    CHECK(here.resumed == 0);
}

TEST_CASE("destroyed server: sockets and timers of its executors may outlive it")
{
    std::optional<asio::steady_timer> timer;
    std::optional<session> outgoing;
    server other{test::loopback_config()};
    other.serve(test::echo);
    {
        waited_for here{[&]() -> asio::awaitable<void> {
            timer.emplace(co_await asio::this_coro::executor, 1h);
            timer->async_wait([](error_code) {});
            outgoing =
                co_await async_connect(co_await asio::this_coro::executor, other.local_endpoints().front(),
                                       test::trusting(), asio::use_awaitable);
            co_await asio::steady_timer{co_await asio::this_coro::executor, 1h}.async_wait(
                asio::use_awaitable);
        }};
        REQUIRE(eventually([&] { return other.metrics().sessions == 1; }));
        here.destroy();
        CHECK(here.gone == 1);  // no other owner has it
    }
    const auto executor = timer->get_executor();
    timer->cancel();
    timer.reset();
    CHECK_FALSE(outgoing->is_open());
    outgoing.reset();
    bool ran = false;
    const auto held = std::make_shared<int>();
    asio::post(executor, [&, held] { ran = true; });
    CHECK_FALSE(ran);
    CHECK(held.use_count() == 1);  // destroyed at once
}

TEST_CASE("destroyed server: operations started by another thread at that time all complete")
{
    asio::io_context io;
    for (int round = 0; round < 10; ++round) {
        std::promise<session> given;
        auto config = test::loopback_config();
        config.threads = 2;
        std::optional<server> served{std::in_place, config};
        served->serve([&](session s) -> asio::awaitable<void> {
            given.set_value(std::move(s));
            co_return;
        });
        auto peer = test::run_beside(io, async_connect(io.get_executor(), served->local_endpoints().front(),
                                                       test::trusting(), asio::use_awaitable));
        auto theirs = given.get_future().get();
        std::atomic<int> begun{0}, told{0};
        std::atomic<bool> over{false};
        std::thread beside{[&] {
            while (!over) {
                const int before = told;
                ++begun;
                theirs.async_send(asio::buffer("x", 1), [&](error_code, std::size_t) { ++told; });
                if (!eventually([&] { return told > before; })) return;
            }
        }};
        REQUIRE(eventually([&] { return told > 0; }));
        served.reset();
        over = true;
        beside.join();
        CHECK(told == begun);
    }
}
