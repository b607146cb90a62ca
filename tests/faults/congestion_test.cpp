// Sends of a server that wait because the kernel accepts nothing. Each of them completes once, whatever
// happens during the wait.

#include "faults/injection.hpp"
#include "faults/told_sends.hpp"
#include "support/conversation.hpp"
#include "support/keeping_handler.hpp"
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <cerrno>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace quivive;
using namespace quivive::test;
namespace asio = boost::asio;

namespace {

constexpr std::size_t session_count = 7;

enum class threads { own, own_and_for_handshakes, of_the_user };

/// A server with some sessions, each of which has something to send.
class talkative_server {
public:
    explicit talkative_server(threads owner)
    {
        auto config = loopback_config();
        config.state = folder.file("state");
        config.limits.send_queue_datagrams = queue_places + 1;
        config.handshake_threads = owner == threads::own_and_for_handshakes ? 1 : 0;
        if (owner == threads::of_the_user)
            served.emplace(io.get_executor(), config);
        else
            served.emplace(config);
        served->serve(handler);
        if (owner == threads::of_the_user) run();
        for (std::size_t i = 0; i < session_count; ++i) {
            clients.push_back(std::make_unique<stepwise_client>(served->local_endpoints().front()));
            REQUIRE(clients.back()->connect());
            REQUIRE(eventually([&] { return handler->count() == i + 1; }));
        }
    }
    ~talkative_server()
    {
        kernel.reset();
        handler->sessions.clear();
        if (served) {
            served->stop();
            served->join();
        }
        if (thread.joinable()) thread.join();
    }
    talkative_server(const talkative_server&) = delete;
    talkative_server& operator=(const talkative_server&) = delete;

    void run()
    {
        thread = std::thread{[this] { io.run(); }};
    }
    /// Stops the thread, so that the test runs the handlers itself.
    void pause()
    {
        io.stop();
        thread.join();
        io.restart();
    }
    template <typename Token>
    void send(std::size_t i, Token&& token)
    {
        texts[i] = "message " + std::to_string(i);
        handler->sessions[i].async_send(asio::buffer(texts[i]), std::forward<Token>(token));
    }
    void send_of_each()  // in one handler
    {
        asio::post(handler->sessions.front().get_executor(), [this] {
            for (std::size_t i = 0; i < session_count; ++i) send(i, told.teller(i));
        });
    }
    void all_are_told()
    {
        REQUIRE(eventually([&] { return told.count() >= session_count; }));
        CHECK(told.count() == session_count);
        for (std::size_t i = 0; i < queue_places; ++i) CHECK(told.of(i) == error_code{});
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

/// A server whose kernel accepts nothing. The first three sends fit in the queue; the others wait.
struct congested_server : talkative_server {
    congested_server()
        : talkative_server{GENERATE(threads::own, threads::own_and_for_handshakes, threads::of_the_user)}
    {
        kernel.emplace("sendmmsg", EAGAIN);
        send_of_each();
        REQUIRE(eventually([&] { return told.count() >= queue_places; }));
    }
};

}  // namespace

TEST_CASE("congestion: sends wait while the kernel accepts nothing and then continue in their order")
{
    congested_server here;
    CHECK(here.told.count() == queue_places);
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

TEST_CASE("congestion: sends continue when the kernel accepts everything again within a turn")
{
    // If the first call that it accepts is the flush at a turn's end, the socket reports no event.
    talkative_server here{threads::of_the_user};
    here.pause();
    here.kernel.emplace("sendmmsg", EAGAIN, GENERATE(range(1U, 9U)));
    here.send_of_each();
    for (int i = 0; i < 100; ++i) here.io.poll();  // poll() waits for no timer
    CHECK(here.told.count() == session_count);
    here.run();
    for (std::size_t i = 0; i < session_count; ++i) CHECK(here.told.of(i) == error_code{});
}

TEST_CASE("congestion: a waiting send that is cancelled is not sent and delays no other send")
{
    congested_server here;
    asio::cancellation_signal cancel;
    told_sends second;
    here.send(0, asio::bind_cancellation_slot(cancel.slot(), second.teller(0)));  // the last one that waits
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

TEST_CASE("congestion: closing or destroying a session aborts its waiting send and the next send continues")
{
    congested_server here;
    here.handler->sessions[queue_places].async_close([](error_code) {});
    {
        const auto destroyed = std::move(here.handler->sessions[queue_places + 1]);
    }
    REQUIRE(eventually([&] { return here.told.count() == queue_places + 2; }));
    CHECK(here.told.of(queue_places) == asio::error::operation_aborted);
    CHECK(here.told.of(queue_places + 1) == asio::error::operation_aborted);
    here.kernel.reset();
    here.all_are_told();
    CHECK(here.told.of(queue_places + 2) == error_code{});
    CHECK(here.clients[queue_places + 2]->hear() == here.texts[queue_places + 2]);
}

TEST_CASE("congestion: waiting sends fail with server_stopped when the server stops or is destroyed")
{
    congested_server here;
    if (GENERATE(true, false))
        here.served->stop();
    else
        here.served.reset();
    here.all_are_told();
    for (std::size_t i = queue_places; i < session_count; ++i) CHECK(here.told.of(i) == errc::server_stopped);
}

TEST_CASE("congestion: waiting sends fail with exported after an export and continue after a failed export")
{
    congested_server here;
    const bool leave = GENERATE(true, false);
    std::promise<error_code> exported;
    here.served->async_export_all(leave ? here.folder.file("state") : "/proc/none",
                                  [&](error_code why, std::size_t) { exported.set_value(why); });
    CHECK(exported.get_future().get().failed() == !leave);
    if (leave) {
        here.all_are_told();
        for (std::size_t i = queue_places; i < session_count; ++i) CHECK(here.told.of(i) == errc::exported);
        CHECK(here.served->metrics().messages_sent == queue_places);
        return;
    }
    CHECK(here.told.count() == queue_places);
    here.kernel.reset();
    here.all_are_told();
    for (std::size_t i = queue_places; i < session_count; ++i) CHECK(here.told.of(i) == error_code{});
    for (std::size_t i = 0; i < session_count; ++i) CHECK(here.clients[i]->hear() == here.texts[i]);
}
