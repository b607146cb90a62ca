// A completion handler that throws: the exception reaches the caller of `run` on the executor, and all other
// work continues.
#include "support/catch.hpp"
#include "support/conversation.hpp"
#include "support/echo_server.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <stdexcept>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct by_a_handler : std::runtime_error {
    by_a_handler() : std::runtime_error{"by a handler"} {}
};

/// Runs the context until `done` and returns the number of exceptions from handlers.
template <typename Done>
int thrown_until(asio::io_context& io, Done done)
{
    int thrown = 0;
    for (const auto end = std::chrono::steady_clock::now() + 20s; !done();) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        try {
            io.run_one_for(20s);
        } catch (const by_a_handler&) {
            ++thrown;
        }
    }
    return thrown;
}

asio::awaitable<void> talk(asio::io_context& io, asio::ip::udp::endpoint to, int& heard)
{
    auto session = co_await async_connect(io.get_executor(), to, test::trusting(), asio::use_awaitable);
    for (int i = 0; i < 8; ++i) co_await session.async_send(asio::buffer("x", 1), asio::use_awaitable);
    for (int i = 0; i < 8; ++i) {
        (void)co_await session.async_receive(asio::use_awaitable);
        ++heard;
    }
}

}  // namespace

TEST_CASE("throwing handlers: the server continues with its other messages and sessions")
{
    // Answers each message and then throws.
    struct answering : std::enable_shared_from_this<answering> {
        explicit answering(session s) : with{std::move(s)} {}
        void next()
        {
            with.async_receive([self = shared_from_this()](error_code error, asio::const_buffer message) {
                if (error) return;
                self->with.async_send(message, [](error_code, std::size_t) { throw by_a_handler{}; });
                self->next();
                throw by_a_handler{};
            });
        }
        session with;
    };
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve([](session s) -> asio::awaitable<void> {
        std::make_shared<answering>(std::move(s))->next();
        co_return;
    });
    const auto at = served.local_endpoints().front();
    int first = 0, second = 0;
    asio::co_spawn(io, talk(io, at, first), asio::detached);
    asio::co_spawn(io, talk(io, at, second), asio::detached);
    CHECK(thrown_until(io, [&] { return first == 8 && second == 8; }) >=
          30);  // out of 32: the last ones may be thrown later
    CHECK(served.metrics().messages_received == 16);
    CHECK(served.metrics().balanced());
}

TEST_CASE("throwing handlers: the client's session continues")
{
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    served.serve(test::echo);
    struct client {
        void next()
        {
            with.async_receive([this](error_code error, asio::const_buffer) {
                if (error) return;
                ++heard;
                next();
                throw by_a_handler{};
            });
        }
        session with;
        int heard = 0;
    } one;
    async_connect(io.get_executor(), served.local_endpoints().front(), test::trusting(),
                  [&](error_code error, session s) {
                      REQUIRE(!error);
                      one.with = std::move(s);
                      one.next();
                      for (int i = 0; i < 8; ++i)
                          one.with.async_send(asio::buffer("x", 1), [](error_code, std::size_t) {});
                      throw by_a_handler{};
                  });
    CHECK(thrown_until(io, [&] { return one.heard == 8; }) == 9);
}
