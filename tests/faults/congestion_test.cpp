// Sends that wait for a kernel that takes nothing: whatever becomes of the wait, each of them is told, once.

#include "faults/injection.hpp"
#include "support/conversation.hpp"
#include "support/keeping_handler.hpp"
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Of a queue of four: the fourth place is for flights and alerts.
constexpr std::size_t places = 3;
constexpr std::size_t session_count = 7;

/// What sends were told, in the order in which they were.
class told_sends {
public:
    auto teller(std::size_t number)
    {
        return [this, number](error_code why, std::size_t) {
            const std::lock_guard lock{mutex_};
            told_.emplace_back(number, why);
        };
    }
    [[nodiscard]] std::vector<std::pair<std::size_t, error_code>> all()
    {
        const std::lock_guard lock{mutex_};
        return told_;
    }
    [[nodiscard]] std::size_t count() { return all().size(); }
    [[nodiscard]] error_code of(std::size_t number)
    {
        for (const auto& [who, why] : all())
            if (who == number) return why;
        return make_error_code(errc::operation_in_progress);
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<std::size_t, error_code>> told_;
};

/// A server whose kernel takes nothing, with one send of each session: the first three have a place in the
/// queue, the others wait in line.
class congested_server {
public:
    congested_server()
    {
        auto config = loopback_config();
        config.state = folder.file("state");
        config.limits.send_queue_datagrams = places + 1;
        const int way = GENERATE(0, 1, 2);
        CAPTURE(way);
        config.handshake_threads = way == 1 ? 1 : 0;
        if (way == 2)
            served.emplace(io.get_executor(), config);
        else
            served.emplace(config);
        served->serve(handler);
        if (way == 2) thread = std::thread{[this] { io.run(); }};
        for (std::size_t i = 0; i < session_count; ++i) {
            clients.push_back(std::make_unique<stepwise_client>(served->local_endpoints().front()));
            REQUIRE(clients.back()->connect());
            REQUIRE(eventually([&] { return handler->count() == i + 1; }));
        }
        kernel.emplace("sendmmsg", EAGAIN);
        for (std::size_t i = 0; i < session_count; ++i) send(i, told.teller(i));
        REQUIRE(eventually([&] { return told.count() >= places; }));
    }
    ~congested_server()
    {
        kernel.reset();
        handler->sessions.clear();
        if (served) {
            served->stop();
            served->join();
        }
        if (thread.joinable()) thread.join();
    }
    congested_server(const congested_server&) = delete;
    congested_server& operator=(const congested_server&) = delete;

    template <typename Token>
    void send(std::size_t i, Token&& token)
    {
        texts[i] = "message " + std::to_string(i);
        handler->sessions[i].async_send(asio::buffer(texts[i]), std::forward<Token>(token));
    }
    void all_are_told()
    {
        REQUIRE(eventually([&] { return told.count() >= session_count; }));
        CHECK(told.count() == session_count);
        for (std::size_t i = 0; i < places; ++i) CHECK(told.of(i) == error_code{});
    }

    temp_directory folder;
    std::shared_ptr<test::keeping_handler> handler = std::make_shared<test::keeping_handler>();
    told_sends told;
    asio::io_context io;
    std::optional<server> served;
    std::thread thread;
    std::vector<std::unique_ptr<stepwise_client>> clients;
    std::optional<blockage> kernel;
    std::array<std::string, session_count> texts;
};

}  // namespace

TEST_CASE(
    "congestion: sends wait in line while the kernel takes nothing and go on in their order when it does")
{
    congested_server here;
    CHECK(here.told.count() == places);
    here.kernel.reset();
    here.all_are_told();
    std::size_t next = 0;
    for (const auto& [number, why] : here.told.all()) {
        CHECK(number == next++);
        CHECK(why == error_code{});
    }
    for (std::size_t i = 0; i < session_count; ++i) CHECK(here.clients[i]->hear() == here.texts[i]);
    CHECK(here.served->metrics().send_dropped == 0);
}

TEST_CASE("congestion: a send that is cancelled in line is not sent and holds up nobody")
{
    congested_server here;
    asio::cancellation_signal cancel;
    told_sends second;
    here.send(0, asio::bind_cancellation_slot(cancel.slot(), second.teller(0)));  // the last in line
    asio::post(here.handler->sessions[0].get_executor(),
               [&] { cancel.emit(asio::cancellation_type::total); });
    REQUIRE(eventually([&] { return second.count() == 1; }));
    CHECK(second.of(0) == asio::error::operation_aborted);
    here.send(0, second.teller(1));
    here.kernel.reset();
    here.all_are_told();
    CHECK(eventually([&] { return second.count() == 2; }));
    CHECK(second.of(1) == error_code{});
    CHECK(here.clients[0]->hear() == here.texts[0]);
    CHECK(here.clients[0]->hear() == here.texts[0]);
    CHECK(here.served->metrics().messages_sent == session_count + 1);
}

TEST_CASE(
    "congestion: a session that is closed or destroyed while its send waits says so and the next one goes on")
{
    congested_server here;
    here.handler->sessions[places].async_close([](error_code) {});
    {
        const auto destroyed = std::move(here.handler->sessions[places + 1]);
    }
    REQUIRE(eventually([&] { return here.told.count() == places + 2; }));
    CHECK(here.told.of(places) == asio::error::operation_aborted);
    CHECK(here.told.of(places + 1) == asio::error::operation_aborted);
    here.kernel.reset();
    here.all_are_told();
    CHECK(here.told.of(places + 2) == error_code{});
    CHECK(here.clients[places + 2]->hear() == here.texts[places + 2]);
}

TEST_CASE("congestion: a server that stops tells the sends that wait and so does one that is destroyed")
{
    congested_server here;
    if (GENERATE(true, false))
        here.served->stop();
    else
        here.served.reset();
    here.all_are_told();
    for (std::size_t i = places; i < session_count; ++i) CHECK(here.told.of(i) == errc::server_stopped);
}

TEST_CASE("congestion: sends that wait go on after an export that fails and are told of one that does not")
{
    congested_server here;
    const bool leave = GENERATE(true, false);
    std::promise<error_code> exported;
    here.served->async_export_all(leave ? here.folder.file("state") : "/proc/none",
                                  [&](error_code why, std::size_t) { exported.set_value(why); });
    CHECK(exported.get_future().get().failed() == !leave);
    if (leave) {
        here.all_are_told();
        for (std::size_t i = places; i < session_count; ++i) CHECK(here.told.of(i) == errc::exported);
        CHECK(here.served->metrics().messages_sent == places);
        return;
    }
    CHECK(here.told.count() == places);
    here.kernel.reset();
    here.all_are_told();
    for (std::size_t i = places; i < session_count; ++i) CHECK(here.told.of(i) == error_code{});
    for (std::size_t i = 0; i < session_count; ++i) CHECK(here.clients[i]->hear() == here.texts[i]);
}

TEST_CASE("congestion: a client's send waits for the kernel and goes on or is told of the end")
{
    asio::io_context io;
    server served{loopback_config()};
    served.serve(echo);
    auto config = trusting();
    config.limits.send_queue_datagrams = places + 1;
    auto to = run_beside(io, [&]() -> asio::awaitable<session> {
        co_return co_await async_connect(io.get_executor(), served.local_endpoints().front(), config,
                                         asio::use_awaitable);
    }());
    const std::string text = "over and over";
    told_sends told;
    std::optional<blockage> kernel{std::in_place, "sendmmsg", EAGAIN};
    for (std::size_t i = 0; i <= places; ++i) to.async_send(asio::buffer(text), told.teller(i));
    run_until(io, [&] { return told.count() == places; });
    for (int i = 0; i < 100; ++i) io.poll_one();  // as often as one likes: the socket says that it takes more
    CHECK(told.count() == places);

    SECTION("it goes on")
    {
        kernel.reset();
        run_until(io, [&] { return told.count() > places; });
        CHECK(told.of(places) == error_code{});
        for (std::size_t i = 0; i <= places; ++i) {
            const auto heard = run_beside(io, [&]() -> asio::awaitable<std::string> {
                const auto view = co_await to.async_receive(asio::use_awaitable);
                co_return std::string{static_cast<const char*>(view.data()), view.size()};
            }());
            CHECK(heard == text);
        }
    }
    SECTION("it ends")
    {
        to = {};
        run_until(io, [&] { return told.count() > places; });
        CHECK(told.of(places) == asio::error::operation_aborted);
    }
    kernel.reset();
}
