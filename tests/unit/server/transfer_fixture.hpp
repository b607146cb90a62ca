#pragma once

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

namespace quivive::test {

namespace asio = boost::asio;
using blob = std::vector<std::byte>;

inline constexpr auto token = asio::as_tuple(asio::use_awaitable);

inline std::string text_of(asio::const_buffer view)
{
    return {static_cast<const char*>(view.data()), view.size()};
}

/// Echoes; at "export" it exports its session instead, with that word as the application's bytes.
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

/// A server with its own io_context, driven by the test.
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
struct two_servers {
    /// `secrets` is the content of the secret file they share; without it they have none.
    explicit two_servers(const std::string& secrets = {})
    {
        config = loopback_config();
        if (!secrets.empty()) write_secrets(secrets);
        config.state = folder.file("state");
        config.connection_ids.enabled = GENERATE(false, true);
        config.threads = 1;
        config.log = [this](log_level, std::string_view line) { log.append(line) += '\n'; };
        first = std::make_unique<running>(config);
        config.listen = first->served.local_endpoints();
        first->served.serve(first->handler);
        client.emplace(config.listen.front());
        std::thread connecting{[this] { connected = client->connect(); }};
        first->until([this] { return connected.load(); });
        connecting.join();
    }
    /// Returns whether that server echoes the client's message.
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
    /// Returns the number of exported sessions, or no value after an error.
    std::optional<std::size_t> export_all_to(const std::filesystem::path& place)
    {
        std::optional<error_code> result;
        std::size_t count = 0;
        first->served.async_export_all(place, [&](error_code error, std::size_t sessions) {
            result = error;
            count = sessions;
        });
        first->until([&] { return result.has_value(); });
        return *result ? std::nullopt : std::optional{count};
    }
    void write_secrets(const std::string& content)
    {
        config.cookies.secret_file = folder.write("secret", content);
    }
    void start_second()
    {
        first.reset();
        second = std::make_unique<running>(config);
        second->served.serve(second->handler);
    }

    temp_directory folder;
    server_config config;
    std::unique_ptr<running> first, second;
    std::optional<stepwise_client> client;
    std::atomic<bool> connected{false}, done{false};
    std::string heard, log;
};

}  // namespace quivive::test
