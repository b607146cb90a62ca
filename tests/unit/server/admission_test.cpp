// `session_handler::admit`: decisions about new clients before any state is allocated.
#include "support/conversation.hpp"

#include <memory>
#include <stdexcept>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Returns the configured admission for each new client.
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

TEST_CASE("admit: the handler can challenge, drop or throw, whatever the cookie policy decides")
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

    const auto heard = test::run_beside(io, [&]() -> asio::awaitable<error_code> {
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
