// A server that is stopped, joined or destroyed by a function that runs on it.
#include "support/conversation.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <system_error>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::eventually;

namespace {

enum class place { run, callback, posted, admit, closed, psk };

/// Runs `work` once, at the configured place.
struct ending_handler final : session_handler {
    place where = place::run;
    std::function<void()> work;
    std::atomic<int> done{0};

    void here(place now)
    {
        if (now != where || !work) return;
        std::exchange(work, nullptr)();
        ++done;
    }
    admission admit(const client_hello&) override
    {
        here(place::admit);
        return admission::admit;
    }
    asio::awaitable<void> run(session s) override
    {
        const auto message = co_await s.async_receive(asio::use_awaitable);
        here(place::run);
        const auto shared = std::make_shared<session>(std::move(s));
        if (where == place::posted)
            asio::post(shared->get_executor(), [this, shared] { here(place::posted); });
        if (where == place::callback)
            shared->async_send(message, [this, shared](error_code, std::size_t) { here(place::callback); });
    }
    void closed(const session_info&, error_code) noexcept override { here(place::closed); }
};

server_config config_for(const std::shared_ptr<ending_handler>& handler, std::size_t threads,
                         std::size_t handshake_threads)
{
    auto config = test::loopback_config();
    config.threads = threads;
    config.handshake_threads = handshake_threads;
    if (handler->where == place::psk) {
        config.credentials.self_signed_if_none = false;
        config.credentials.psk = [raw = handler.get()](std::string_view) {
            raw->here(place::psk);
            return secret::from_hex("000102030405060708090a0b0c0d0e0f");
        };
    }
    return config;
}

/// Runs a client that sends a message if it connects, and closes.
void come_by(asio::ip::udp::endpoint at, bool with_key)
{
    asio::io_context io;
    auto client = test::trusting();
    client.limits.handshake_timeout = 500ms;
    client.limits.close_timeout = 200ms;
    if (with_key) {
        client.credentials.psk_identity = "me";
        client.credentials.psk_key = *secret::from_hex("000102030405060708090a0b0c0d0e0f");
    }
    test::run(io, [&]() -> asio::awaitable<int> {
        auto [error, to] = co_await async_connect(io.get_executor(), at, client, test::as_values);
        if (!error) {
            (void)co_await to.async_send(asio::buffer("x", 1), test::as_values);
            (void)co_await to.async_close(test::as_values);
        }
        co_return 0;
    }());
}

}  // namespace

TEST_CASE("a server destroyed by a function that runs on it stops without waiting and is freed")
{
    const auto where =
        GENERATE(place::run, place::callback, place::posted, place::admit, place::closed, place::psk);
    const auto threads = GENERATE(std::size_t{1}, std::size_t{3}),
               beside = GENERATE(std::size_t{0}, std::size_t{1});
    CAPTURE(static_cast<int>(where), threads, beside);
    auto handler = std::make_shared<ending_handler>();
    handler->where = where;
    auto served = std::make_shared<server>(config_for(handler, threads, beside));
    const std::weak_ptr<ending_handler> released = handler;
    std::promise<std::chrono::steady_clock::duration> took;
    handler->work = [&] {
        const auto begun = std::chrono::steady_clock::now();
        served.reset();
        took.set_value(std::chrono::steady_clock::now() - begun);
    };
    const auto at = served->local_endpoints().front();
    served->serve(handler);
    auto* const raw = handler.get();
    const auto one = std::exchange(handler, nullptr);
    come_by(at, where == place::psk);
    auto time = took.get_future();
    REQUIRE(time.wait_for(10s) == std::future_status::ready);
    CHECK(time.get() < 400ms);  // its threads are given 500 ms
    CHECK(eventually([&] { return raw->done == 1 && released.use_count() == 1; }));
}

TEST_CASE("a server on the user's executor destroyed by its own handler is freed when the handler returns")
{
    const auto where = GENERATE(place::run, place::callback, place::posted, place::admit, place::closed);
    CAPTURE(static_cast<int>(where));
    asio::io_context io;
    const auto handler = std::make_shared<ending_handler>();
    handler->where = where;
    auto served = std::make_shared<server>(io.get_executor(), config_for(handler, 1, 0));
    handler->work = [&] { served.reset(); };
    served->serve(handler);
    auto client = test::trusting();
    client.limits.handshake_timeout = 500ms;
    async_connect(io.get_executor(), served->local_endpoints().front(), client,
                  [&](error_code error, session s) {
                      if (error) return;
                      auto to = std::make_shared<session>(std::move(s));
                      to->async_send(asio::buffer("x", 1),
                                     [to](error_code, std::size_t) { to->async_close([to](error_code) {}); });
                  });
    io.run_for(20s);
    CHECK(io.stopped());  // no timer or socket of the server is left
    CHECK(handler->done == 1);
    CHECK(handler.use_count() == 1);
}

TEST_CASE("join() on a thread of the server is refused")
{
    const auto where =
        GENERATE(place::run, place::callback, place::posted, place::admit, place::closed, place::psk);
    const std::size_t beside = where == place::psk ? 1 : 0;
    CAPTURE(static_cast<int>(where));
    const auto handler = std::make_shared<ending_handler>();
    handler->where = where;
    server served{config_for(handler, 2, beside)};
    std::promise<std::error_code> told;
    handler->work = [&] {
        try {
            served.join();
            told.set_value({});
        } catch (const std::system_error& error) {
            told.set_value(error.code());
        }
    };
    served.serve(handler);
    come_by(served.local_endpoints().front(), where == place::psk);
    auto code = told.get_future();
    REQUIRE(code.wait_for(10s) == std::future_status::ready);
    CHECK(code.get() == std::errc::resource_deadlock_would_occur);
    served.stop();
    served.join();
}

TEST_CASE("stop() within admit() refuses all further clients")
{
    const bool own_threads = GENERATE(true, false);
    const auto within = GENERATE(0ms, 300ms);
    CAPTURE(own_threads, within.count());
    asio::io_context io;
    const auto handler = std::make_shared<ending_handler>();
    handler->where = place::admit;
    auto config = config_for(handler, 1, 0);
    auto served = own_threads ? server{config} : server{io.get_executor(), config};
    handler->work = [&] { served.stop(within); };
    served.serve(handler);
    auto client = test::trusting();
    client.limits.handshake_timeout = 200ms;
    error_code why;
    async_connect(io.get_executor(), served.local_endpoints().front(), client,
                  [&](error_code error, session) { why = error; });
    io.run_for(20s);
    CHECK(io.stopped());
    served.join();
    CHECK(why == errc::handshake_timeout);
    CHECK(handler->done == 1);
    CHECK(served.metrics().dropped[drop_reason::stopping] >= 1);
    CHECK(served.metrics().handshakes_started == 0);
    CHECK(served.metrics().associations == 0);
    CHECK(served.metrics().balanced());
}

TEST_CASE("stop() within a log or trace callback of the server leaves its state valid")
{
    asio::io_context io;
    auto config = test::loopback_config();
    server* to_stop = nullptr;
    int seen = 0;
    const int at = GENERATE(range(1, 9));
    config.trace = [&](const trace_event&) {
        if (++seen == at) to_stop->stop();
    };
    server served{io.get_executor(), config};
    to_stop = &served;
    served.serve(test::echo);
    auto client = test::trusting();
    client.limits.handshake_timeout = 200ms;
    client.limits.close_timeout = 100ms;
    async_connect(
        io.get_executor(), served.local_endpoints().front(), client, [&](error_code error, session s) {
            if (error) return;
            auto to = std::make_shared<session>(std::move(s));
            to->async_send(asio::buffer("x", 1), [to](error_code, std::size_t) {});
            to->async_receive([to](error_code, asio::const_buffer) { to->async_close([to](error_code) {}); });
        });
    io.run_for(20s);
    CHECK(io.stopped());
    CHECK(seen >= at);
    CHECK(served.metrics().associations == 0);
    CHECK(served.metrics().balanced());
}
