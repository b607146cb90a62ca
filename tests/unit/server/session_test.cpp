#include "quivive/session.hpp"

#include "quivive/client.hpp"
#include "quivive/server.hpp"
#include "support/catch.hpp"
#include "support/echo_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <cstring>
#include <future>
#include <optional>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// No co_await inside CHECK: GCC 12 evaluates it twice there, in an operand that must not be evaluated.
constexpr auto values = asio::as_tuple(asio::use_awaitable);

/// A server and one client's session with it, on one io_context.
struct connected {
    asio::io_context io;
    server_config config = test::loopback_config();
    record_layer layer = record_layer::detached;  ///< the client's
    std::optional<std::size_t> id;                ///< length of the client's own connection id
    bool coalesces = false;                       ///< the client's `coalesce_received`
    std::optional<server> served;

    template <typename Use>
    void run(Use use)
    {
        served.emplace(io.get_executor(), config);
        served->serve(test::echo);
        auto result = asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                client_config client;
                client.credentials.insecure = true;
                client.record_layer = layer;
                client.connection_id = id;
                client.coalesce_received = coalesces;
                auto session = co_await async_connect(io.get_executor(), served->local_endpoints().front(),
                                                      client, asio::use_awaitable);
                co_await use(session);
            },
            asio::use_future);
        while (result.wait_for(0s) != std::future_status::ready && io.run_one_for(20s)) {
        }
        REQUIRE(result.wait_for(0s) == std::future_status::ready);
        result.get();
    }
};

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

std::string text(asio::const_buffer view) { return {static_cast<const char*>(view.data()), view.size()}; }

}  // namespace

TEST_CASE("RFC 9146 3: the records to a client have the client's own connection id, of any length")
{
    connected pair;
    pair.config.connection_ids.enabled = true;
    pair.id = GENERATE(0, 1, 8, 16);
    pair.run([has_own = *pair.id > 0](session& session) -> asio::awaitable<void> {
        const bool has_id = session.info().connection_id;
        CHECK(has_id == has_own);
        for (const auto* said : {"one", "two", "three"}) {
            co_await session.async_send(asio::buffer(said, std::strlen(said)), asio::use_awaitable);
            const auto heard = co_await session.async_receive(asio::use_awaitable);
            CHECK(text(heard) == said);
        }
    });
    CHECK(pair.served->metrics().messages_sent == 3);
    CHECK(pair.served->metrics().balanced());
}

TEST_CASE("session: a receive into too small a buffer fails with the message's size and keeps the message")
{
    connected pair;
    pair.run([](session& session) -> asio::awaitable<void> {
        co_await session.async_send(asio::buffer("twelve bytes", 12), asio::use_awaitable);
        std::array<char, 20> buffer{};
        const auto [error, size] = co_await session.async_receive(asio::buffer(buffer, 5), values);
        CHECK(error == errc::message_size);
        CHECK(size == 12);
        const auto again = co_await session.async_receive(asio::buffer(buffer), asio::use_awaitable);
        CHECK(std::string_view{buffer.data(), again} == "twelve bytes");
    });
}

TEST_CASE("session: max_message_size() is the exact limit, and no message is split")
{
    connected pair;
    pair.run([](session& session) -> asio::awaitable<void> {
        std::string message(session.max_message_size(), 'm');
        co_await session.async_send(asio::buffer(message), asio::use_awaitable);
        const auto heard = text(co_await session.async_receive(asio::use_awaitable));
        CHECK(heard == message);
        message += 'm';
        const auto [error, sent] = co_await session.async_send(asio::buffer(message), values);
        CHECK(error == errc::message_size);
        co_await session.async_send(asio::buffer("fine", 4), asio::use_awaitable);
        const auto heard_2 = text(co_await session.async_receive(asio::use_awaitable));
        CHECK(heard_2 == "fine");
    });
}

TEST_CASE("session: an empty message is sent and received, except by an attached session")
{
    connected pair;
    pair.layer = GENERATE(record_layer::detached, record_layer::attached);
    const auto attached = pair.layer == record_layer::attached;
    pair.run([attached](session& session) -> asio::awaitable<void> {
        const auto [error, sent] = co_await session.async_send(asio::buffer("", 0), values);
        CHECK(error == (attached ? make_error_code(errc::message_size) : error_code{}));
        if (!attached) {
            const auto nothing = text(co_await session.async_receive(asio::use_awaitable));
            CHECK(nothing.empty());
        }
        co_await session.async_send(asio::buffer("fine", 4), asio::use_awaitable);
        const auto heard = text(co_await session.async_receive(asio::use_awaitable));
        CHECK(heard == "fine");
    });
}

TEST_CASE("session: many outstanding messages are received in order by both forms of receive")
{
    connected pair;
    pair.coalesces = GENERATE(false, true);
    CAPTURE(pair.coalesces);
    pair.run([](session& session) -> asio::awaitable<void> {
        for (int i = 0; i < 40; ++i)
            co_await session.async_send(asio::buffer(std::to_string(i)), asio::use_awaitable);
        for (int i = 0; i < 40; i += 2) {
            const auto heard_3 = text(co_await session.async_receive(asio::use_awaitable));
            CHECK(heard_3 == std::to_string(i));
            std::array<char, 8> buffer{};
            const auto size = co_await session.async_receive(asio::buffer(buffer), asio::use_awaitable);
            CHECK(std::string_view{buffer.data(), size} == std::to_string(i + 1));
        }
    });
}

TEST_CASE("session: a second receive while one waits fails with operation_in_progress")
{
    connected pair;
    pair.run([&](session& session) -> asio::awaitable<void> {
        std::optional<error_code> first, second;
        session.async_receive([&](error_code why, asio::const_buffer) { first = why; });
        session.async_receive([&](error_code why, asio::const_buffer) { second = why; });
        co_await pause(20ms);
        CHECK(second == make_error_code(errc::operation_in_progress));
        CHECK_FALSE(first);
        co_await session.async_close(asio::use_awaitable);
        co_await pause(20ms);
        CHECK(first == error_code{asio::error::operation_aborted});
    });
}

TEST_CASE("session: a cancelled receive has no effect on the session")
{
    connected pair;
    pair.run([&](session& session) -> asio::awaitable<void> {
        asio::cancellation_signal cancel;
        std::optional<error_code> result;
        session.async_receive(asio::bind_cancellation_slot(
            cancel.slot(), [&](error_code why, asio::const_buffer) { result = why; }));
        co_await pause(10ms);
        cancel.emit(asio::cancellation_type::total);
        co_await pause(10ms);
        CHECK(result == error_code{asio::error::operation_aborted});
        cancel.emit(asio::cancellation_type::total);  // too late, without effect
        co_await session.async_send(asio::buffer("still", 5), asio::use_awaitable);
        const auto heard_4 = text(co_await session.async_receive(asio::use_awaitable));
        CHECK(heard_4 == "still");
    });
}

TEST_CASE("session: a close sends close_notify and waits for the peer's, and later operations fail")
{
    connected pair;
    pair.run([&](session& session) -> asio::awaitable<void> {
        CHECK(session.is_open());
        co_await session.async_close(asio::use_awaitable);
        CHECK_FALSE(session.is_open());
        const auto [received, view] = co_await session.async_receive(values);
        CHECK(received == asio::error::operation_aborted);
        const auto [sent, size] = co_await session.async_send(asio::buffer("x", 1), values);
        CHECK(sent == asio::error::operation_aborted);
        const auto [closed] = co_await session.async_close(values);
        CHECK_FALSE(closed);
        CHECK(pair.served->metrics().sessions_closed == 1);
    });
}

TEST_CASE("session: destroying the object closes the session")
{
    connected pair;
    pair.run([&](session& session) -> asio::awaitable<void> {
        {
            const auto gone = std::move(session);
        }
        for (int i = 0; i < 200 && pair.served->metrics().sessions > 0; ++i) co_await pause(5ms);
        CHECK(pair.served->metrics().associations == 0);
        const auto [error, view] = co_await session.async_receive(values);
        CHECK(error == asio::error::bad_descriptor);
    });
    // The last completion ran on a thread of the system, which may use the io_context for a moment longer.
    pair.served.reset();
    pair.io.restart();
    pair.io.run_for(20s);
    CHECK(pair.io.stopped());
}

TEST_CASE("session: the idle time-out ends it, and a waiting receive reports eof")
{
    connected pair;
    pair.config.limits.idle_timeout = 100ms;
    pair.run([&](session& session) -> asio::awaitable<void> {
        const auto [error, view] = co_await session.async_receive(values);
        CHECK(error == asio::error::eof);
        CHECK(pair.served->metrics().sessions_idled_out == 1);
    });
}

TEST_CASE("session: messages received before the end are delivered before the error")
{
    connected pair;
    pair.run([&](session& session) -> asio::awaitable<void> {
        for (int i = 0; i < 5; ++i)
            co_await session.async_send(asio::buffer(std::to_string(i)), asio::use_awaitable);
        for (int i = 0; i < 200 && pair.served->metrics().messages_sent < 5; ++i) co_await pause(5ms);
        pair.served->stop();
        for (int i = 0; i < 200 && session.is_open(); ++i) co_await pause(5ms);
        for (int i = 0; i < 5; ++i) {
            const auto heard_5 = text(co_await session.async_receive(asio::use_awaitable));
            CHECK(heard_5 == std::to_string(i));
        }
        const auto [error, view] = co_await session.async_receive(values);
        CHECK(error == asio::error::eof);
    });
}

TEST_CASE("session: a session may outlive the server that owned its threads")
{
    std::promise<session> handed_out;
    auto config = test::loopback_config();
    std::optional<server> served{std::in_place, config};
    served->serve([&](session session) -> asio::awaitable<void> {
        handed_out.set_value(std::move(session));
        co_return;
    });
    asio::io_context io;
    client_config client;
    client.credentials.insecure = true;
    auto connecting =
        async_connect(io.get_executor(), served->local_endpoints().front(), client, asio::use_future);
    std::thread thread{[&] { io.run_for(10s); }};
    auto mine = connecting.get();
    auto theirs = handed_out.get_future().get();
    served.reset();
    CHECK_FALSE(theirs.is_open());
    CHECK(theirs.info().protocol == "DTLS1.2");
    std::promise<error_code> told;
    theirs.async_receive([&](error_code why, asio::const_buffer) { told.set_value(why); });
    CHECK(told.get_future().get() == errc::server_stopped);
    {
        const auto gone = std::move(mine);
    }
    io.stop();
    thread.join();
}
