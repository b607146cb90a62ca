// Two thousand concurrent clients; five hundred under a sanitizer, where each costs more.
#include "quivive/client.hpp"
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/program.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <string>

using namespace quivive;
namespace asio = boost::asio;

namespace {

constexpr int clients = test::sanitized ? 500 : 2'000, messages = 20;

struct tally {
    explicit tally(asio::io_context& io) : all_connected{io, asio::steady_timer::time_point::max()} {}

    int connected = 0, finished = 0;
    std::string first_fault;
    asio::steady_timer all_connected;  ///< expires when all are connected, or when one fails

    void let_all_go() { all_connected.expires_at(asio::steady_timer::time_point::min()); }
};

/// Waits until all are connected, so that all sessions exist at the same time.
asio::awaitable<void> wait_for_all(tally& counts)
{
    if (++counts.connected == clients) counts.let_all_go();
    boost::system::error_code ended;  // set when the last client cancels the wait
    co_await counts.all_connected.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

/// Sends `message` until its echo arrives: under this load the kernel may drop datagrams, as any network may.
asio::awaitable<bool> echoes(session& with, const std::string& message)
{
    using namespace boost::asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (int tries = 0; tries < 10; ++tries) {
        co_await with.async_send(asio::buffer(message), asio::use_awaitable);
        timer.expires_after(std::chrono::seconds{2});
        for (;;) {
            const auto first =
                co_await (with.async_receive(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
            if (first.index() == 1) break;
            const auto answer = std::get<0>(first);
            if (std::string_view{static_cast<const char*>(answer.data()), answer.size()} == message)
                co_return true;
        }
    }
    co_return false;
}

asio::awaitable<void> talk(asio::ip::udp::endpoint server, int number, tally& counts)
{
    client_config config;
    config.credentials.insecure = true;
    config.limits.handshake_timeout = std::chrono::seconds{60};  // on a busy machine
    auto session =
        co_await async_connect(co_await asio::this_coro::executor, server, config, asio::use_awaitable);
    co_await wait_for_all(counts);
    for (int i = 0; i < messages; ++i) {
        const auto answered =
            co_await echoes(session, "client " + std::to_string(number) + " " + std::to_string(i));
        if (!answered) throw std::runtime_error{"ten messages and no answer"};
    }
    co_await session.async_close(asio::use_awaitable);
    ++counts.finished;
}

}  // namespace

TEST_CASE("crowd: thousands of concurrent clients handshake, get their echoes and close their sessions")
{
    const auto handshake_threads = GENERATE("0", "2");
    test::program server{{"--handshake-threads", handshake_threads}};
    asio::io_context io;
    tally counts{io};
    for (int i = 0; i < clients; ++i)
        asio::co_spawn(io, talk(server.address(), i, counts), [&](const std::exception_ptr& thrown) {
            if (!thrown || !counts.first_fault.empty()) return;
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& fault) {
                counts.first_fault = fault.what();
            }
            counts.let_all_go();
        });
    io.run_for(std::chrono::seconds{100});
    CHECK(counts.first_fault.empty());
    CHECK(counts.connected == clients);
    CHECK(counts.finished == clients);

    CHECK(server.stop() == 0);
    INFO(server.output());
    CHECK(server.counter("handshakes_completed") == clients);
    CHECK(server.counter("sessions_closed") == clients);
    CHECK(server.counter("messages_received") >= clients * messages);
    CHECK(server.output().find("received " + std::to_string(server.counter("received"))) !=
          std::string::npos);
}
