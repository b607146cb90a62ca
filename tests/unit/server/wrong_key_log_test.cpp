// Log messages about clients with a wrong PSK, which contain more than the clients receive.
#include "support/conversation.hpp"

#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("A wrong PSK and an unknown identity are logged with the identity escaped")
{
    std::vector<std::string> lines;
    auto config = test::loopback_config();
    config.credentials.psk = [](std::string_view identity) {
        return identity == "alice" ? secret::from_hex("00ff") : std::nullopt;
    };
    config.log = [&lines](log_level level, std::string_view line) {
        if (level == log_level::warning) lines.emplace_back(line);
    };
    asio::io_context io;
    server served{io.get_executor(), config};
    served.serve([](session s) { return test::echo(std::move(s)); });

    struct example {
        std::string identity, said;
    };
    const auto [identity, said] =
        GENERATE(example{"alice", "; wrong key of the identity \"alice\""},
                 example{"bob\"\n\x1b", "; unknown identity \"bob\\x22\\x0a\\x1b\""});
    client_config client;
    client.credentials.psk_identity = identity;
    client.credentials.psk_key = *secret::from_hex("0102");
    client.limits.alerted_handshake_grace = 50ms;
    const auto heard = test::run_beside(io, [&]() -> asio::awaitable<error_code> {
        auto [why, to] = co_await async_connect(io.get_executor(), served.local_endpoints().front(), client,
                                                test::as_values);
        co_return why;
    }());
    CHECK(heard == errc::handshake_timeout);
    CHECK(served.metrics().handshakes_wrong_key == 1);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("no handshake with 127.0.0.1:"));
    CHECK(lines[0].ends_with(said));
}
