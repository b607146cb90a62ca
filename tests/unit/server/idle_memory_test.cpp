// Total memory of an idle session: table, state, keys, info and its handler's coroutine. Three settings
// differ from the defaults, so that temporary memory is freed within the test: last flights are kept for a
// second (`last_flight_kept`), and a shard keeps 64 ciphers (`ready_ciphers`) and capacity for 64 datagrams
// (`send_queue_datagrams`).
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/echo_server.hpp"

#include "quivive/quivive.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

using namespace quivive;
using namespace quivive::test;

namespace {

constexpr std::size_t many = sanitized ? 500 : 10'000;

constexpr std::chrono::seconds flight_kept{1};

/// The same loop as program/echo_handler.
boost::asio::awaitable<void> echo_views(session session)
{
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    for (;;) {
        const auto [end, message] = co_await session.async_receive(token);
        if (end) co_return;
        const auto [error, sent] = co_await session.async_send(message, token);
        if (error) co_return;
    }
}

server_config config_for_crowds(record_layer layer)
{
    auto config = loopback_config();
    config.credentials.self_signed_if_none = false;
    config.credentials.psk = [](std::string_view) { return secret::from_hex(crowd::key); };
    config.priority = crowd::priority;
    config.record_layer = layer;
    config.limits.last_flight_kept = flight_kept;
    // These buffers belong to the shard. With 64 they are soon all allocated.
    config.limits.ready_ciphers = 64;
    config.limits.send_queue_datagrams = 64;
    return config;
}

/// Sends `count` messages of random length by random clients; returns how many came back unchanged.
std::size_t echo_at_random(crowd& clients, std::size_t count)
{
    constexpr std::size_t at_once = 50;
    std::minstd_rand random{static_cast<unsigned>(count)};
    std::size_t good = 0;
    for (std::size_t done = 0; done < count; done += at_once) {
        std::vector<std::pair<std::size_t, std::string>> said;
        for (std::size_t i = 0; i < at_once; ++i) {
            // Each client sends once in a round: the loopback keeps the order of UDP datagrams, but no rule
            // requires it.
            const auto client = (random() % (clients.size() / at_once)) * at_once + i;
            said.emplace_back(client, std::to_string(done + i) + std::string(random() % 300, 'x'));
            clients.say(client, said.back().second);
        }
        for (const auto& [client, message] : said) good += clients.hear(client) == message ? 1U : 0U;
    }
    return good;
}

/// A server whose clients have vanished silently, so that only the server holds memory.
class idle_server {
public:
    explicit idle_server(record_layer layer) : served_{config_for_crowds(layer)}
    {
        served_.serve(echo_views);
        crowd clients{place()};
        REQUIRE(clients.connect(first));
        REQUIRE(echo_at_random(clients, 1'000) == 1'000);
    }

    /// Adds `count` sessions, over which `echoes` messages go before they fall silent.
    void add(std::size_t count, std::size_t echoes)
    {
        before_ = allocated();
        added_ = count;
        crowd clients{place(), first};
        REQUIRE(clients.connect(count));
        REQUIRE(echo_at_random(clients, echoes) == echoes);
        REQUIRE(served_.metrics().sessions == first + count);
    }

    /// Returns the bytes of each added session, without the memory that the first sessions allocated for all.
    [[nodiscard]] std::size_t bytes_per_session() const { return (allocated() - before_) / added_; }

    /// Returns the same once it has been stable for a while, since last flights expire.
    [[nodiscard]] std::size_t settled_bytes_per_session() const
    {
        auto last = bytes_per_session();
        auto since = std::chrono::steady_clock::now();
        (void)eventually([&] {
            const auto now = std::chrono::steady_clock::now();
            if (const auto present = bytes_per_session(); present != last) {
                last = present;
                since = now;
            }
            return now - since > 2 * flight_kept;
        });
        return last;
    }

private:
    static constexpr std::size_t first = 100;

    [[nodiscard]] boost::asio::ip::udp::endpoint place() const { return served_.local_endpoints().front(); }

    server served_;
    std::size_t before_ = 0;
    std::size_t added_ = 1;
};

/// Prints a measured figure in any case.
void tell(const char* what, std::size_t bytes)
{
    std::printf("%s: %zu bytes a session in all\n", what, bytes);
}

}  // namespace

TEST_CASE("an idle session holds at most 2 kB in all, and ten thousand of them echo")
{
    idle_server served{record_layer::detached};
    served.add(many, 2 * many);
    if (sanitized) return;
    const auto bytes = served.settled_bytes_per_session();
    tell("idle, detached", bytes);
    CHECK(bytes <= 2'048);
}

#if !defined(QUIVIVE_SANITIZED)

TEST_CASE("a session silent since its handshake holds at most 2 kB once its last flight has expired")
{
    idle_server served{record_layer::detached};
    served.add(2'000, 0);
    tell("silent since its handshake", served.bytes_per_session());
    const auto bytes = served.settled_bytes_per_session();
    tell("the same, last flight gone", bytes);
    CHECK(bytes <= 2'048);
}

TEST_CASE("an attached session holds at least GnuTLS's 9 kB, which shows that the measurement counts it")
{
    idle_server served{record_layer::attached};
    served.add(1'000, 1'000);
    const auto bytes = served.bytes_per_session();
    tell("idle, attached", bytes);
    CHECK(bytes >= 9'000);
}

#endif
