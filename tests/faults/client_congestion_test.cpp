// Sends of a client that wait because the kernel accepts nothing.

#include "faults/injection.hpp"
#include "faults/told_sends.hpp"
#include "support/conversation.hpp"
#include "support/keeping_handler.hpp"

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

using namespace quivive;
using namespace quivive::test;
namespace asio = boost::asio;

namespace {

/// A client whose kernel accepts nothing, with one send more than its queue holds. The server does not
/// answer, since an answer would be an event.
struct congested_client {
    explicit congested_client(unsigned failing_calls = blockage::all_calls)
    {
        served.serve(handler);
        auto config = trusting();
        config.limits.send_queue_datagrams = queue_places + 1;
        to = run_beside(io, connect(config));
        REQUIRE(eventually([&] { return handler->count() == 1; }));
        kernel.emplace("sendmmsg", EAGAIN, failing_calls);
        for (std::size_t i = 0; i <= queue_places; ++i) to.async_send(asio::buffer(text), told.teller(i));
        run_until(io, [&] { return told.count() >= queue_places; });
    }
    ~congested_client() { handler->sessions.clear(); }
    congested_client(const congested_client&) = delete;
    congested_client& operator=(const congested_client&) = delete;

    asio::awaitable<session> connect(client_config config)
    {
        co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(), config,
                                         asio::use_awaitable);
    }
    [[nodiscard]] bool all_is_heard()
    {
        return eventually([&] { return served.metrics().messages_received == queue_places + 1; });
    }

    asio::io_context io;
    std::shared_ptr<test::keeping_handler> handler = std::make_shared<test::keeping_handler>();
    server served{loopback_config()};
    const std::string text = "over and over";
    told_sends told;
    session to;
    std::optional<blockage> kernel;
};

}  // namespace

TEST_CASE("congestion: a client's waiting send completes when the kernel accepts it or when the session ends")
{
    congested_client here;
    auto& [io, handler, served, text, told, to, kernel] = here;
    for (int i = 0; i < 100; ++i) io.poll_one();  // as often as you like: the socket is reported as writable
    CHECK(told.count() == queue_places);

    SECTION("the kernel accepts it")
    {
        kernel.reset();
        run_until(io, [&] { return told.count() > queue_places; });
        CHECK(told.of(queue_places) == error_code{});
        CHECK(here.all_is_heard());
    }
    SECTION("the session ends")
    {
        to = {};
        run_until(io, [&] { return told.count() > queue_places; });
        CHECK(told.of(queue_places) == asio::error::operation_aborted);
    }
    kernel.reset();
}

TEST_CASE("congestion: a client's send continues when the kernel accepts everything again within a turn")
{
    congested_client here{GENERATE(range(1U, 9U))};
    run_until(here.io, [&] { return here.told.count() > queue_places; });
    CHECK(here.told.of(queue_places) == error_code{});
    CHECK(here.all_is_heard());
}
