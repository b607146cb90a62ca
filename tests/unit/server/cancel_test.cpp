// What is cancelled, asked for twice, or asked of nothing.
#include "support/conversation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <optional>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

template <typename Done>
void run_till(asio::io_context& io, Done done)
{
    io.restart();
    for (const auto end = std::chrono::steady_clock::now() + 20s; !done();) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        io.run_one_for(20ms);
    }
}

/// Runs a coroutine to its end, and no longer: the server's work would go on.
template <typename T>
T run_to_end(asio::io_context& io, asio::awaitable<T> what)
{
    auto result = asio::co_spawn(io, std::move(what), asio::use_future);
    run_till(io, [&] { return result.wait_for(0s) == std::future_status::ready; });
    return result.get();
}

/// Waits for what comes on a thread of the system's.
class told {
public:
    auto operator()()
    {
        return [this](error_code why, auto&&...) { promise_.set_value(why); };
    }
    error_code get()
    {
        auto future = promise_.get_future();
        REQUIRE(future.wait_for(20s) == std::future_status::ready);
        return future.get();
    }

private:
    std::promise<error_code> promise_;
};

}  // namespace

TEST_CASE("cancelled: a connect is given up, and nothing of it stays")
{
    asio::io_context io;
    asio::ip::udp::socket silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
    asio::cancellation_signal cancel;
    std::optional<error_code> result;
    async_connect(io.get_executor(), silent.local_endpoint(), test::trusting(),
                  asio::bind_cancellation_slot(cancel.slot(), [&](error_code why, session s) {
                      result = why;
                      CHECK_FALSE(s.is_open());
                  }));
    const bool at_once = GENERATE(true, false);
    if (!at_once) run_till(io, [&] { return silent.available() > 0; });
    CHECK_FALSE(result);
    cancel.emit(asio::cancellation_type::total);
    run_till(io, [&] { return result.has_value(); });
    CHECK(*result == asio::error::operation_aborted);
    io.run_for(20s);
    CHECK(io.stopped());  // no timer, no socket keeps it
}

TEST_CASE("cancelled: who waits for the end of a server waits no longer, and it ends all the same")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    session held;
    async_connect(io.get_executor(), served.local_endpoints().front(), test::trusting(),
                  [&](error_code why, session s) {
                      CHECK_FALSE(why);
                      held = std::move(s);
                  });
    run_till(io, [&] { return held.is_open() && served.metrics().sessions == 1; });

    asio::cancellation_signal cancel;
    std::optional<error_code> first, second;
    served.async_stop(300ms,
                      asio::bind_cancellation_slot(cancel.slot(), [&](error_code why) { first = why; }));
    served.async_stop(300ms, [&](error_code why) { second = why; });
    io.poll();
    CHECK_FALSE(first);
    cancel.emit(asio::cancellation_type::total);
    run_till(io, [&] { return first.has_value(); });
    CHECK(*first == asio::error::operation_aborted);
    CHECK_FALSE(second);
    CHECK(served.metrics().sessions == 1);
    run_till(io, [&] { return second.has_value(); });
    CHECK_FALSE(*second);
    CHECK(served.metrics().associations == 0);

    std::optional<error_code> late;
    served.async_stop(0ms, [&](error_code why) { late = why; });  // of one that has stopped
    run_till(io, [&] { return late.has_value(); });
    CHECK_FALSE(*late);
}

TEST_CASE("asked twice: a second operation of the kind is refused, and the first goes on")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    run_to_end(io, [&]() -> asio::awaitable<int> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
        std::array<char, 8> into{}, other{};
        std::optional<error_code> received, received_too;
        to.async_receive(asio::buffer(into), [&](error_code why, std::size_t) { received = why; });
        to.async_receive(asio::buffer(other), [&](error_code why, std::size_t) { received_too = why; });
        co_await to.async_send(asio::buffer("once", 4), asio::use_awaitable);
        for (int i = 0; i < 1'000 && !(received && received_too); ++i)
            co_await asio::post(io, asio::use_awaitable);
        CHECK(received_too == make_error_code(errc::operation_in_progress));
        CHECK(received == error_code{});
        CHECK(std::string_view{into.data(), 4} == "once");

        const auto [end] = co_await to.async_close(test::as_values);
        CHECK_FALSE(end);
        const auto [after, size] = co_await to.async_receive(asio::buffer(into), test::as_values);
        CHECK(after == asio::error::operation_aborted);
        co_return 0;
    }());
}

TEST_CASE("asked of nothing: a session that is none has no descriptor")
{
    session none;
    CHECK_FALSE(none.is_open());
    CHECK(none.max_message_size() == 0);
    std::array<char, 8> into{};
    told received, viewed, sent, closed, exported;
    none.async_receive(asio::buffer(into), received());
    none.async_receive(viewed());
    none.async_send(asio::buffer("x", 1), sent());
    none.async_close(closed());
    none.async_export(asio::const_buffer{}, exported());
    for (auto* const one : {&received, &viewed, &sent, &closed, &exported})
        CHECK(one->get() == asio::error::bad_descriptor);
}

namespace {

/// Says of each newcomer what it was told to.
struct doorkeeper final : session_handler {
    asio::awaitable<void> run(session s) override { return test::echo(std::move(s)); }
    admission admit(const client_hello& hello) override
    {
        ++asked;
        last_proven = hello.cookie_proven;
        if (throws) throw std::runtime_error{"by a doorkeeper"};
        return says;
    }
    admission says = admission::by_policy;
    bool throws = false;
    int asked = 0;
    bool last_proven = false;
};

}  // namespace

TEST_CASE("admit: a handler challenges, drops, or throws, whatever the policy says")
{
    auto config = test::loopback_config();
    config.cookies.exchange = cookie_exchange::never;
    config.cookies.trust_all_networks = true;
    auto keeper = std::make_shared<doorkeeper>();
    asio::io_context io;
    server served{io.get_executor(), config};
    served.serve(keeper);
    auto client = test::trusting();
    client.limits.handshake_timeout = 300ms;
    error_code wanted = errc::handshake_timeout;
    SECTION("by policy") { wanted = {}; }
    SECTION("challenge")
    {
        keeper->says = admission::challenge;
        wanted = {};
    }
    SECTION("drop") { keeper->says = admission::drop; }
    SECTION("throw") { keeper->throws = true; }

    const auto heard = run_to_end(io, [&]() -> asio::awaitable<error_code> {
        auto [why, to] = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                                test::as_values);
        co_return why;
    }());
    CHECK(heard == wanted);
    const auto seen = served.metrics();
    CHECK(keeper->asked >= 1);
    CHECK(keeper->last_proven == (keeper->says == admission::challenge));
    CHECK(seen.cookies_proven == (keeper->says == admission::challenge ? 1U : 0U));
    CHECK((seen.dropped[drop_reason::refused_by_policy] > 0) == static_cast<bool>(wanted));
    CHECK((seen.handler_exceptions > 0) == keeper->throws);
    CHECK(seen.balanced());
}

TEST_CASE("cancelled: an operation begun elsewhere is cancelled however soon that comes")
{
    server served{test::loopback_config()};  // on a thread of its own, which is not this one
    std::promise<session> promise;
    served.serve([&](session s) -> asio::awaitable<void> {
        promise.set_value(std::move(s));
        co_return;
    });
    asio::io_context io;
    auto peer = run_to_end(io, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
    }());
    auto future = promise.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    auto here = future.get();

    for (int round = 0; round < 100; ++round) {
        asio::cancellation_signal cancel;
        std::optional<error_code> result;
        const auto tell = [&](error_code why, auto&&...) { result = why; };
        here.async_receive(asio::bind_executor(io, asio::bind_cancellation_slot(cancel.slot(), tell)));
        cancel.emit(asio::cancellation_type::total);
        run_till(io, [&] { return result.has_value(); });
        CHECK(*result == asio::error::operation_aborted);
    }
    peer = {};
}

TEST_CASE("cancelled: who is refused for the one that waits leaves that one alone")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    run_to_end(io, [&]() -> asio::awaitable<int> {
        auto to = co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
        asio::cancellation_signal cancel;
        std::optional<error_code> first, second;
        co_await asio::dispatch(asio::bind_executor(to.get_executor(), asio::use_awaitable));
        to.async_receive([&](error_code why, asio::const_buffer) { first = why; });
        to.async_receive(asio::bind_cancellation_slot(
            cancel.slot(), [&](error_code why, asio::const_buffer) { second = why; }));
        cancel.emit(asio::cancellation_type::total);
        co_await to.async_send(asio::buffer("heard", 5), asio::use_awaitable);
        for (int i = 0; i < 1'000 && !(first && second); ++i) co_await asio::post(io, asio::use_awaitable);
        CHECK(second == make_error_code(errc::operation_in_progress));
        CHECK(first == error_code{});
        co_return 0;
    }());
}
