#pragma once

#include "quivive/server.hpp"
#include "support/conversation.hpp"
#include "support/hello_builder.hpp"
#include "support/raw_udp.hpp"

#include <string>
#include <vector>

namespace quivive::test {

/// Result of a ClientHello from an unknown peer.
enum class reception { cookie, handshake, nothing };

/// Sends a single ClientHello from an address of 127/8 and derives the result from the counters.
inline reception meet(server& served, const std::string& from = "127.0.0.1")
{
    raw_udp unknown_peer{{boost::asio::ip::make_address(from), 0}};
    const auto before = served.metrics();
    unknown_peer.send(served.local_endpoints().front(), hello_builder{}.record());
    auto now = before;
    REQUIRE(eventually([&] {
        now = served.metrics();
        return now.answered > before.answered || now.handshakes_started > before.handshakes_started ||
               now.dropped.total() > before.dropped.total();
    }));
    if (now.answered > before.answered) return reception::cookie;
    return now.handshakes_started > before.handshakes_started ? reception::handshake : reception::nothing;
}

/// Waits until the server's thread has applied a configuration to new clients.
inline bool soon_meets(server& served, const std::string& from, reception expected)
{
    return eventually([&] { return meet(served, from) == expected; });
}

/// Runs a client's connect and returns its error.
inline error_code connect(const server& served, client_config config = trusting())
{
    config.limits.handshake_timeout = std::chrono::milliseconds{500};
    boost::asio::io_context io;
    return run(io, [&]() -> boost::asio::awaitable<error_code> {
        auto [error, session] =
            co_await async_connect(io.get_executor(), served.local_endpoints().front(), config, as_values);
        co_return error;
    }());
}

inline cookie_rule rule(const std::string& network, cookie_exchange exchange)
{
    return {.networks = {quivive::network::parse(network).value()}, .exchange = exchange};
}

/// Returns the configuration with a rule that drops 127.0.0.2, so that its application is visible.
inline server_config dropping(server_config config)
{
    config.cookies.rules = {rule("127.0.0.2/32", cookie_exchange::drop)};
    return config;
}

/// A server that echoes, and its initial configuration, to be changed.
struct serving {
    server_config config;
    server served;

    explicit serving(const server_config& given = loopback_config()) : config{given}, served{given}
    {
        served.serve(echo);
    }
    [[nodiscard]] boost::asio::ip::udp::endpoint address() const { return served.local_endpoints().front(); }
};

/// Returns the problems of the configuration; empty when it was applied.
inline std::vector<std::string> refusal(server& served, const server_config& config)
{
    try {
        (void)served.reload(config);
    } catch (const config_error& error) {
        return error.problems();
    }
    return {};
}

}  // namespace quivive::test
