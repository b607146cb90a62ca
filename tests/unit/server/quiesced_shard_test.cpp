// A server while its sessions are exported to a file. No session may change in that time: a nonce could be
// used twice, a message be read twice, or a session that ended here continue elsewhere.
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace quivive;
namespace asio = boost::asio;

namespace {

/// So many clients that both threads have some.
constexpr std::size_t client_count = 32;

/// Gives its sessions to the test. The second thread to call `export_state` waits until the test releases it,
/// so the first thread's shard stays quiesced.
struct collecting final : session_handler {
    asio::awaitable<void> run(session session) override
    {
        const std::lock_guard lock{mutex};
        sessions.push_back(std::move(session));
        co_return;
    }
    std::vector<std::byte> export_state(const session_info& info) override
    {
        {
            const std::lock_guard lock{mutex};
            if (!first) first = std::this_thread::get_id();
            if (std::this_thread::get_id() == *first) {
                copied.push_back(info.peer);
                return {};
            }
        }
        released.wait();
        return {};
    }

    std::mutex mutex;
    std::vector<session> sessions;
    std::optional<std::thread::id> first;
    std::vector<asio::ip::udp::endpoint> copied;  ///< peers of the sessions that the first thread has copied
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
};

struct leaving_server {
    leaving_server()
    {
        auto config = test::loopback_config();
        config.state = folder.file("state");
        config.threads = 2;
        served.emplace(config);
        served->serve(handler);
        for (std::size_t i = 0; i < client_count; ++i) {
            clients.push_back(std::make_unique<test::stepwise_client>(served->local_endpoints().front()));
            REQUIRE(clients.back()->connect());
        }
        REQUIRE(test::eventually([&] {
            const std::lock_guard lock{handler->mutex};
            return handler->sessions.size() == client_count;
        }));
    }
    ~leaving_server() { handler->sessions.clear(); }

    auto export_all(const std::string& where) { return served->async_export_all(where, asio::use_future); }
    /// Returns the n-th session of the thread that has copied its sessions; `which` is n.
    session& copied(std::size_t which)
    {
        REQUIRE(test::eventually([&] {
            const std::lock_guard lock{handler->mutex};
            return handler->copied.size() > which;
        }));
        const std::lock_guard lock{handler->mutex};
        const auto peer = handler->copied[which];
        for (auto& each : handler->sessions)
            if (each.info().peer == peer) return each;
        throw std::logic_error{"a session that was copied is not there"};
    }
    static error_code error_of_export(session& session)
    {
        const auto its_error = [](error_code error, const std::vector<std::byte>&) { return error; };
        return session.async_export({}, asio::use_future(its_error)).get();
    }

    test::temp_directory folder;
    std::shared_ptr<collecting> handler = std::make_shared<collecting>();
    std::optional<server> served;
    std::vector<std::unique_ptr<test::stepwise_client>> clients;
};

}  // namespace

TEST_CASE("quiesced shard: operations during an export wait until the export has succeeded or failed")
{
    leaving_server world;
    const bool leave = GENERATE(true, false);
    auto exported = world.export_all(leave ? world.folder.file("state") : "/proc/none");

    auto& sender = world.copied(0);
    auto& closer = world.copied(1);
    std::atomic<bool> was_sent{false}, was_closed{false};
    std::promise<error_code> sent, closed;
    const std::string message = "sent meanwhile";
    sender.async_send(asio::buffer(message), [&](error_code error, std::size_t) {
        was_sent = true;
        sent.set_value(error);
    });
    closer.async_close([&](error_code error) {
        was_closed = true;
        closed.set_value(error);
    });
    // Runs on the same thread, so after the operations above and after the copying.
    CHECK(leaving_server::error_of_export(sender) == errc::operation_in_progress);
    CHECK(!was_sent);
    CHECK(!was_closed);
    CHECK(world.served->metrics().messages_sent == 0);
    CHECK(world.served->metrics().sessions == client_count);
    std::promise<error_code> second;
    world.served->async_export_all(world.folder.file("other"),
                                   [&](error_code error, std::size_t) { second.set_value(error); });

    // It is refused at once. The completion runs on the first shard's thread, which may be the one that waits
    // here.
    world.handler->release.set_value();
    CHECK(second.get_future().get() == errc::operation_in_progress);
    const auto after = sent.get_future().get();
    CHECK(closed.get_future().get() == error_code{});
    if (leave) {
        CHECK(exported.get() == client_count);
        CHECK(after == errc::exported);
        CHECK(test::eventually([&] { return world.served->metrics().sessions == 0; }));
        CHECK(world.served->metrics().messages_sent == 0);
        CHECK(world.served->metrics().sessions_exported == client_count);
    } else {
        CHECK_THROWS_AS(exported.get(), boost::system::system_error);
        CHECK(after == error_code{});
        CHECK(test::eventually([&] { return world.served->metrics().messages_sent == 1; }));
        CHECK(test::eventually([&] { return world.served->metrics().sessions == client_count - 1; }));
        CHECK(world.served->metrics().sessions_exported == 0);
    }
}

TEST_CASE("quiesced shard: a server stopped during an export ends when the export has finished")
{
    leaving_server world;
    auto exported = world.export_all(world.folder.file("state"));
    (void)world.copied(0);
    std::promise<error_code> stopped;
    world.served->async_stop(std::chrono::milliseconds{0},
                             [&](error_code error) { stopped.set_value(error); });
    world.handler->release.set_value();
    CHECK(exported.get() == client_count);
    CHECK(stopped.get_future().get() == error_code{});
    CHECK(world.served->metrics().sessions_exported == client_count);

    std::promise<error_code> late;
    world.served->async_export_all(world.folder.file("state"),
                                   [&](error_code error, std::size_t) { late.set_value(error); });
    CHECK(late.get_future().get() == errc::server_stopped);
}
