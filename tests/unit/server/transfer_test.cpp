// Sessions that go from one server to another.
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>

using namespace quivive;
namespace asio = boost::asio;
using blob = std::vector<std::byte>;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

std::string text_of(asio::const_buffer view) { return {static_cast<const char*>(view.data()), view.size()}; }

/// Echoes; "export" has it export its session instead, with that word as the application's bytes.
struct exporting_echo final : session_handler {
    asio::awaitable<void> run(session session) override
    {
        for (;;) {
            const auto [error, message] = co_await session.async_receive(token);
            if (error) {
                last_error = error;
                co_return;
            }
            const auto said = text_of(message);
            if (said == "export") {
                auto [failed, made] = co_await session.async_export(asio::buffer(said), token);
                export_error = failed;
                exported = std::move(made);
                continue;
            }
            (void)co_await session.async_send(message, token);
        }
    }
    std::vector<std::byte> export_state(const session_info& info) override
    {
        const auto name = info.imported ? "again" : "first";
        return {reinterpret_cast<const std::byte*>(name), reinterpret_cast<const std::byte*>(name) + 5};
    }
    void closed(const session_info& info, error_code why) noexcept override
    {
        imported = info.imported;
        application = info.application;
        reason = why;
        ++ended;
    }
    error_code last_error, export_error, reason;
    blob exported, application;
    bool imported = false;
    int ended = 0;
};

struct running {
    explicit running(const server_config& config) : served{io.get_executor(), config} {}

    /// Runs until `done`.
    template <typename Done>
    void until(Done done)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!done() && std::chrono::steady_clock::now() < deadline)
            io.run_one_for(std::chrono::milliseconds{20});
        REQUIRE(done());
    }
    asio::io_context io;
    server served;
    std::shared_ptr<exporting_echo> handler = std::make_shared<exporting_echo>();
};

/// Two servers with the same state, one after the other at the same address, and a client of the first.
struct world {
    world()
    {
        config = test::loopback_config();
        config.state = folder.file("state");
        config.connection_ids.enabled = GENERATE(false, true);
        config.threads = 1;
        first = std::make_unique<running>(config);
        config.listen = first->served.local_endpoints();
        first->served.serve(first->handler);
        client.emplace(config.listen.front());
        std::thread connecting{[this] { connected = client->connect(); }};
        first->until([this] { return connected.load(); });
        connecting.join();
    }
    /// Whether the client's message comes back from there.
    bool echoes(running& from, const std::string& message)
    {
        done = false;
        std::thread talking{[&] {
            heard = client->echo(message);
            done = true;
        }};
        from.until([this] { return done.load(); });
        talking.join();
        return heard == message;
    }
    void export_one()
    {
        client->send("export");
        first->until([this] { return !first->handler->exported.empty(); });
        first->until([this] { return first->handler->ended == 1; });
    }
    void start_second()
    {
        first.reset();
        second = std::make_unique<running>(config);
        second->served.serve(second->handler);
    }

    test::temp_directory folder;
    server_config config;
    std::unique_ptr<running> first, second;
    std::optional<test::stepwise_client> client;
    std::atomic<bool> connected{false}, done{false};
    std::string heard;
};

}  // namespace

TEST_CASE("transfer: a session that was exported goes on in another process as if nothing had been")
{
    world w;
    REQUIRE(w.echoes(*w.first, "before"));
    w.export_one();
    CHECK(w.first->handler->export_error == error_code{});
    CHECK(w.first->handler->reason == errc::exported);
    CHECK(w.first->served.metrics().sessions_exported == 1);
    CHECK(w.first->served.metrics().sessions == 0);
    const auto made = w.first->handler->exported;
    w.start_second();
    CHECK(w.second->served.import_session(made) == error_code{});
    CHECK(w.echoes(*w.second, "after"));
    CHECK(w.second->served.metrics().sessions_imported == 1);
    CHECK(w.second->served.metrics().handshakes_started == 0);

    w.client->close();
    w.second->until([&] { return w.second->handler->ended == 1; });
    CHECK(w.second->handler->reason == asio::error::eof);
    CHECK(w.second->handler->imported);
    CHECK(text_of(asio::buffer(w.second->handler->application)) == "export");
}

TEST_CASE("transfer: a blob is taken once, by whichever process comes first")
{
    world w;
    w.export_one();
    const auto made = w.first->handler->exported;
    w.start_second();
    CHECK(w.second->served.import_session(made) == error_code{});
    CHECK(w.second->served.import_session(made) == errc::used_blob);
    REQUIRE(w.echoes(*w.second, "hello"));
    w.second.reset();
    w.second = std::make_unique<running>(w.config);
    CHECK(w.second->served.import_session(made) == errc::used_blob);
}

TEST_CASE("transfer: a blob that was changed in any byte is refused and marks nothing")
{
    world w;
    w.export_one();
    const auto made = w.first->handler->exported;
    w.start_second();
    for (std::size_t at = 0; at < made.size(); at += 7) {
        auto changed = made;
        changed[at] ^= std::byte{4};
        CHECK(w.second->served.import_session(changed) == errc::bad_blob);
    }
    CHECK(w.second->served.import_session({}) == errc::bad_blob);
    CHECK(w.second->served.import_session(made) == error_code{});
}

TEST_CASE("transfer: all sessions leave for a file and come back from it, with what their handler gave along")
{
    world w;
    REQUIRE(w.echoes(*w.first, "before"));
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    CHECK(result.get() == 1);
    w.first->until([&] { return w.first->handler->ended == 1; });
    w.first->until([&] { return w.first->handler->last_error == errc::exported; });

    w.first.reset();
    w.client->send("while nobody listens");
    w.second = std::make_unique<running>(w.config);
    const auto imported = w.second->served.import_all(place);
    CHECK(imported.imported == 1);
    CHECK(imported.refused == 0);
    CHECK(!imported.error);
    w.second->served.serve(w.second->handler);
    CHECK(w.echoes(*w.second, "after"));
    CHECK(w.second->served.import_all(place).imported == 0);
    w.client->close();
    w.second->until([&] { return w.second->handler->ended == 1; });
    CHECK(text_of(asio::buffer(w.second->handler->application)) == "first");
}

TEST_CASE("transfer: a file that was put back is refused, session by session")
{
    world w;
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    REQUIRE(result.get() == 1);
    for (const auto& entry : std::filesystem::directory_iterator{place})
        if (entry.path().filename().string().starts_with("sessions."))
            std::filesystem::copy(entry.path(), w.folder.path() / entry.path().filename());
    w.start_second();
    CHECK(w.second->served.import_all(place).imported == 1);
    const auto again = w.second->served.import_all(w.folder.path());
    CHECK(again.imported == 0);
    CHECK(again.refused == 1);
}

TEST_CASE("transfer: when the file cannot be written all goes on")
{
    world w;
    std::optional<error_code> result;
    w.first->served.async_export_all("/proc/none", [&](error_code error, std::size_t) { result = error; });
    w.first->until([&] { return result.has_value(); });
    CHECK(*result);
    CHECK(w.first->served.metrics().sessions == 1);
    CHECK(w.echoes(*w.first, "still here"));
}

TEST_CASE("transfer: what cannot be exported says so and goes on")
{
    world w;
    auto config = w.config;
    config.listen = test::loopback_config().listen;
    config.connection_ids.enabled = false;
    const bool attached = GENERATE(true, false);
    if (attached) config.record_layer = record_layer::attached;
    if (!attached) config.state.clear();
    w.first = std::make_unique<running>(config);
    w.first->served.serve(w.first->handler);
    w.client.emplace(w.first->served.local_endpoints().front());
    w.connected = false;
    std::thread connecting{[&] { w.connected = w.client->connect(); }};
    w.first->until([&] { return w.connected.load(); });
    connecting.join();
    w.client->send("export");
    w.first->until([&] { return static_cast<bool>(w.first->handler->export_error); });
    CHECK(w.first->handler->export_error == (attached ? errc::not_exportable : errc::no_state));
    CHECK(w.echoes(*w.first, "still here"));
    if (!attached) CHECK(w.first->served.import_session({}) == errc::no_state);
}
