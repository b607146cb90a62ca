// Operations of an accept loop on its attempts, and their results.
#include "support/conversation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A server without handlers, clients that connect to it, and the results.
struct door {
    asio::io_context io;
    server served;
    std::optional<error_code> accepted;
    session its_session;

    explicit door(server_config config = test::loopback_config())
        : served{io.get_executor(), std::move(config)}
    {
    }
    door(const door&) = delete;
    door& operator=(const door&) = delete;

    /// Starts a client's connect, whose result is stored in `heard`.
    void knock(std::optional<error_code>& heard, client_config how = test::trusting())
    {
        async_connect(io.get_executor(), served.local_endpoints().front(), std::move(how),
                      [&heard](error_code why, session) { heard = why; });
    }

    template <typename Done>
    void run_until(Done done)
    {
        test::run_until(io, done);
    }

    /// Returns the next queued attempt, or the next to arrive.
    attempt next()
    {
        std::optional<attempt> got;
        served.async_accept([&](error_code why, attempt offered) {
            CHECK_FALSE(why);
            got = std::move(offered);
        });
        run_until([&] { return got.has_value(); });
        return std::move(*got);
    }

    void accept(attempt& offered)
    {
        offered.async_accept([this](error_code why, session s) {
            accepted = why;
            its_session = std::move(s);
        });
    }
};

client_config named(std::string name)
{
    auto config = test::trusting();
    config.credentials.server_name = std::move(name);
    return config;
}

}  // namespace

TEST_CASE("attempt: an attempt has the client's address, the local address and the requested server name")
{
    door here;
    std::optional<error_code> heard;
    here.knock(heard, named("who.example"));
    const auto offered = here.next();
    CHECK(offered.local() == here.served.local_endpoints().front());
    CHECK(offered.peer().address().is_loopback());
    CHECK(offered.peer().port() != 0);
    CHECK(offered.peer() != offered.local());
    CHECK(offered.server_name() == "who.example");
    CHECK(offered.cookie_proven());
}

TEST_CASE("attempt: attempts that arrive without a waiting accept are queued in order")
{
    door here;
    std::optional<error_code> first, second, third;
    here.knock(first, named("first"));
    auto one = here.next();  // from now on the server reads
    here.knock(second, named("second"));
    here.run_until([&] { return here.served.metrics().associations == 2; });
    here.knock(third, named("third"));
    here.run_until([&] { return here.served.metrics().associations == 3; });

    auto two = here.next();
    auto three = here.next();
    CHECK(one.server_name() == "first");
    CHECK(two.server_name() == "second");
    CHECK(three.server_name() == "third");
    here.accept(two);
    here.run_until([&] { return here.accepted && second; });
    CHECK_FALSE(*here.accepted);
    CHECK_FALSE(*second);
    CHECK(here.its_session.info().server_name == "second");
}

TEST_CASE("attempt: assigning another attempt refuses the held one")
{
    door here;
    std::optional<error_code> first, second;
    here.knock(first, named("first"));
    auto held = here.next();
    here.knock(second, named("second"));
    held = here.next();
    CHECK(held.server_name() == "second");
    here.run_until([&] { return here.served.metrics().associations == 1; });
    here.accept(held);
    here.run_until([&] { return here.accepted && second; });
    CHECK_FALSE(*here.accepted);
    CHECK_FALSE(*second);
    CHECK_FALSE(first);  // a plaintext alert may be forged: the client continues
}

TEST_CASE("attempt: an attempt not accepted within handshake_timeout expires")
{
    auto config = test::loopback_config();
    config.limits.handshake_timeout = 100ms;
    door here{config};
    std::optional<error_code> heard;
    here.knock(heard);
    auto offered = here.next();
    here.run_until([&] { return here.served.metrics().associations == 0; });
    here.accept(offered);
    here.run_until([&] { return here.accepted.has_value(); });
    CHECK(*here.accepted == make_error_code(errc::attempt_expired));
    CHECK(here.served.metrics().handshakes_started == 0);
}

TEST_CASE("attempt: a used, default-constructed or moved-from attempt refuses every operation")
{
    door here;
    std::optional<error_code> heard;
    here.knock(heard);
    auto offered = here.next();
    SECTION("used up") { offered.ignore(); }
    SECTION("default-constructed")
    {
        attempt none;
        std::swap(none, offered);
    }
    SECTION("moved from") { const auto other = std::move(offered); }
    offered.refuse();  // has no effect
    std::promise<error_code> promise;
    offered.async_accept([&](error_code why, session) { promise.set_value(why); });
    auto future = promise.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    CHECK(future.get() == asio::error::bad_descriptor);
}

TEST_CASE("attempt: cancelling its accept aborts the handshake and removes the peer")
{
    door here;
    std::optional<error_code> heard;
    here.knock(heard);
    auto offered = here.next();
    asio::cancellation_signal cancel;
    offered.async_accept(asio::bind_cancellation_slot(cancel.slot(), [&](error_code why, session s) {
        here.accepted = why;
        CHECK_FALSE(s.is_open());
    }));
    here.run_until([&] { return here.served.metrics().handshakes_started == 1; });
    REQUIRE(here.served.metrics().sessions == 0);
    cancel.emit(asio::cancellation_type::total);
    here.run_until([&] { return here.accepted.has_value(); });
    CHECK(*here.accepted == asio::error::operation_aborted);
    CHECK(here.served.metrics().associations == 0);
    CHECK(here.served.metrics().balanced());
}

TEST_CASE("attempt: an accept in progress is completed when the server stops")
{
    door here;
    std::optional<error_code> heard;
    here.knock(heard);
    auto offered = here.next();
    here.accept(offered);
    here.served.stop();
    here.run_until([&] { return here.accepted.has_value(); });
    CHECK(*here.accepted == make_error_code(errc::server_stopped));
}
