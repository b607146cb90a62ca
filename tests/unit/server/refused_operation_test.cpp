// Operations that a session refuses: a second one of the same kind, one after its close, one of an empty
// session.
#include "support/conversation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>

#include <array>
#include <cstring>
#include <optional>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A session with an echo server on the same context.
struct held_session {
    asio::io_context io;
    server served{io.get_executor(), test::loopback_config()};
    session to;

    held_session()
    {
        served.serve(test::echo);
        async_connect(io.get_executor(), served.local_endpoints().front(), test::trusting(),
                      [this](error_code why, session s) {
                          CHECK_FALSE(why);
                          to = std::move(s);
                      });
        test::run_until(io, [this] { return to.is_open(); });
    }
    held_session(const held_session&) = delete;
    held_session& operator=(const held_session&) = delete;

    void send(const char* text)
    {
        to.async_send(asio::buffer(text, std::strlen(text)),
                      [](error_code why, std::size_t) { CHECK_FALSE(why); });
    }
};

/// Waits for a completion on a thread of the system.
class told {
public:
    auto operator()()
    {
        return [this](error_code why, auto&&...) { promise_.set_value(why); };
    }
    error_code get()
    {
        auto future = promise_.get_future();
        REQUIRE(future.wait_for(20s) == std::future_status::ready);
        return future.get();
    }

private:
    std::promise<error_code> promise_;
};

}  // namespace

TEST_CASE("refused: a second operation of the same kind fails, and the first one continues")
{
    held_session here;
    std::array<char, 8> into{}, other{};
    std::optional<error_code> first, second;
    here.to.async_receive(asio::buffer(into), [&](error_code why, std::size_t) { first = why; });
    here.to.async_receive(asio::buffer(other), [&](error_code why, std::size_t) { second = why; });
    here.send("once");
    test::run_until(here.io, [&] { return first && second; });
    CHECK(*second == make_error_code(errc::operation_in_progress));
    CHECK_FALSE(*first);
    CHECK(std::string_view{into.data(), 4} == "once");
}

TEST_CASE("refused: cancelling a refused operation leaves the waiting one alone")
{
    held_session here;
    asio::cancellation_signal cancel;
    std::optional<error_code> first, second;
    asio::dispatch(here.to.get_executor(), [&] {
        here.to.async_receive([&](error_code why, asio::const_buffer) { first = why; });
        here.to.async_receive(asio::bind_cancellation_slot(
            cancel.slot(), [&](error_code why, asio::const_buffer) { second = why; }));
        cancel.emit(asio::cancellation_type::total);
    });
    test::run_until(here.io, [&] { return second.has_value(); });
    here.send("heard");
    test::run_until(here.io, [&] { return first.has_value(); });
    CHECK(*second == make_error_code(errc::operation_in_progress));
    CHECK_FALSE(*first);
}

TEST_CASE("refused: a receive after the close fails")
{
    held_session here;
    std::array<char, 8> into{};
    std::optional<error_code> closed, received;
    here.to.async_close([&](error_code why) { closed = why; });
    test::run_until(here.io, [&] { return closed.has_value(); });
    CHECK_FALSE(*closed);
    here.to.async_receive(asio::buffer(into), [&](error_code why, std::size_t) { received = why; });
    test::run_until(here.io, [&] { return received.has_value(); });
    CHECK(*received == asio::error::operation_aborted);
}

TEST_CASE("refused: every operation of a default-constructed session fails")
{
    session none;
    CHECK_FALSE(none.is_open());
    CHECK(none.max_message_size() == 0);
    std::array<char, 8> into{};
    told received, viewed, sent, closed, exported;
    none.async_receive(asio::buffer(into), received());
    none.async_receive(viewed());
    none.async_send(asio::buffer("x", 1), sent());
    none.async_close(closed());
    none.async_export(asio::const_buffer{}, exported());
    for (auto* const one : {&received, &viewed, &sent, &closed, &exported})
        CHECK(one->get() == asio::error::bad_descriptor);
}
