// More concurrent sends than a send queue holds: each of them completes. Datagrams that the kernel accepts
// free capacity, whichever thread sends them. faults/congestion_test.cpp covers sends that must wait for the
// kernel.
#include "support/conversation.hpp"
#include "support/crowd.hpp"
#include "support/keeping_handler.hpp"
#include "support/stepwise_client.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::run_beside;
using test::run_until;

namespace {

server_config config_for_a_crowd()
{
    auto config = test::loopback_config();
    config.credentials.self_signed_if_none = false;
    config.credentials.psk = [](std::string_view) { return secret::from_hex(test::crowd::key); };
    config.priority = test::crowd::priority;
    return config;
}

/// Sends 3000 messages to an echo, with as many in flight as a receive queue holds. Returns how many came
/// back unchanged and in order.
asio::awaitable<int> talk(session& with)
{
    constexpr int all = 3'000, at_once = 48;
    int sent = 0, heard = 0;
    while (heard < all) {
        for (; sent < all && sent < heard + at_once; ++sent)
            co_await with.async_send(asio::buffer(std::to_string(sent)), asio::use_awaitable);
        const auto answer = co_await with.async_receive(asio::use_awaitable);
        if (std::string_view{static_cast<const char*>(answer.data()), answer.size()} != std::to_string(heard))
            break;
        ++heard;
    }
    co_return heard;
}

}  // namespace

TEST_CASE("congested sends: an echo with a short send queue answers 3000 messages on either side's executor")
{
    auto config = test::loopback_config();
    config.limits.send_queue_datagrams = GENERATE(std::size_t{1}, std::size_t{16});
    CAPTURE(config.limits.send_queue_datagrams);
    const bool own_threads = GENERATE(true, false);
    config.handshake_threads = GENERATE(std::size_t{0}, std::size_t{1});
    asio::io_context io;
    std::optional<server> served;
    if (own_threads)
        served.emplace(config);
    else
        served.emplace(io.get_executor(), config);
    served->serve(test::echo);
    auto client = test::trusting();
    client.limits.send_queue_datagrams = config.limits.send_queue_datagrams;
    const auto heard = run_beside(io, [&]() -> asio::awaitable<int> {
        auto with = co_await async_connect(io.get_executor(), served->local_endpoints().front(), client,
                                           asio::use_awaitable);
        co_return co_await talk(with);
    }());
    CHECK(heard == 3'000);
    CHECK(served->metrics().send_dropped == 0);
}

TEST_CASE("congested sends: a handler that sends to more sessions than the queue holds gets each completion")
{
    constexpr std::size_t many = 400;
    auto config = config_for_a_crowd();
    config.limits.send_queue_datagrams = 64;
    const auto handler = std::make_shared<test::keeping_handler>();
    server served{config};
    served.serve(handler);
    test::crowd clients{served.local_endpoints().front()};
    REQUIRE(clients.connect(many));
    REQUIRE(test::eventually([&] { return handler->count() == many; }));

    std::atomic<std::size_t> good{0}, bad{0};
    const std::string text = "to all";
    asio::post(handler->sessions.front().get_executor(), [&] {
        for (auto& each : handler->sessions)
            each.async_send(asio::buffer(text), [&](error_code why, std::size_t) { ++(why ? bad : good); });
    });
    CHECK(test::eventually([&] { return good + bad == many; }));
    CHECK(good == many);
    for (std::size_t i = 0; i < many; ++i) CHECK(clients.hear(i) == text);
    CHECK(served.metrics().send_dropped == 0);
    handler->sessions.clear();
}

TEST_CASE("congested sends: 5000 sends in sequence on one session all complete, on either side")
{
    constexpr int many = 5'000;
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    const auto handler = std::make_shared<test::keeping_handler>();
    served.serve(handler);
    auto with = run_beside(io, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                         test::trusting(), asio::use_awaitable);
    }());
    run_until(io, [&] { return handler->count() == 1; });
    auto& sender = GENERATE(true, false) ? with : handler->sessions.front();

    int good = 0, bad = 0;
    const std::string text = "again";
    const auto tell = [&](error_code why, std::size_t) { ++(why ? bad : good); };
    SECTION("all from one handler")
    {
        asio::dispatch(sender.get_executor(), [&] {
            for (int i = 0; i < many; ++i) sender.async_send(asio::buffer(text), tell);
        });
    }
    SECTION("each after the completion of the one before")
    {
        std::function<void()> next = [&] {
            sender.async_send(asio::buffer(text), [&](error_code why, std::size_t n) {
                tell(why, n);
                if (good + bad < many) next();
            });
        };
        asio::dispatch(sender.get_executor(), next);
        run_until(io, [&] { return good + bad == many; });
    }
    run_until(io, [&] { return good + bad == many; });
    CHECK(good == many);
    handler->sessions.clear();
}

TEST_CASE("congested sends: a server with a short send queue sends close_notify to all its sessions")
{
    constexpr std::size_t many = 100;
    auto config = config_for_a_crowd();
    config.limits.send_queue_datagrams = 16;
    server served{config};
    served.serve(test::echo);
    test::crowd clients{served.local_endpoints().front()};
    REQUIRE(clients.connect(many));
    REQUIRE(test::eventually([&] { return served.metrics().sessions == many; }));
    const auto before = served.metrics().sent;
    served.stop();
    served.join();
    CHECK(served.metrics().sent - before >= many);  // a close_notify each
    CHECK(served.metrics().send_dropped == 0);
}
