#pragma once

#include "support/conversation.hpp"
#include "support/keeping_handler.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace quivive::test {

namespace asio = boost::asio;

/// A server, a client and the handlers of the tested operation, each on an executor of its own that runs when
/// the test says so.
class three_executors {
public:
    explicit three_executors(std::chrono::milliseconds close_timeout = limits{}.close_timeout)
    {
        auto config = loopback_config();
        config.limits.close_timeout = close_timeout;
        config.state = folder.file("state");
        served.emplace(servers.get_executor(), config);
    }
    ~three_executors() { handler->sessions.clear(); }  // each session keeps its handler
    three_executors(const three_executors&) = delete;
    three_executors& operator=(const three_executors&) = delete;

    void connect(std::chrono::milliseconds close_timeout = limits{}.close_timeout)
    {
        auto config = trusting();
        config.limits.close_timeout = close_timeout;
        served->serve(handler);
        async_connect(clients.get_executor(), served->local_endpoints().front(), config,
                      [this](error_code why, session s) {
                          CHECK_FALSE(why);
                          client = std::move(s);
                      });
        run_until([this] { return client.is_open() && handler->sessions.size() == 1; });
    }

    /// Returns the handler of the tested operation.
    auto tell()
    {
        return asio::bind_executor(
            handlers, asio::bind_cancellation_slot(cancel.slot(), [this](error_code why, auto&&...) {
                told = why;
                ++times;
            }));
    }
    /// Checks that the operation has started: its handler has not run, and the handler's executor has
    /// outstanding work.
    void is_begun()
    {
        CHECK(handlers_wait());
        CHECK(times == 0);
    }
    /// Checks that the operation waits, whatever `where` runs.
    void waits(asio::io_context& where)
    {
        is_begun();
        where.restart();
        where.poll();
        CHECK(handlers_wait());
        CHECK(times == 0);
    }
    /// Checks that the operation completes with `why` once the event has come, and leaves no work.
    void is_woken(error_code why)
    {
        run_until([this] {
            handlers.restart();
            handlers.poll();
            return times > 0;
        });
        CHECK(told == why);
        for (auto* const each : {&servers, &clients, &handlers}) {
            each->restart();
            each->poll();
        }
        CHECK(times == 1);
        CHECK(handlers.stopped());
    }
    template <typename Done>
    void run_until(Done done)
    {
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20}; !done();) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            for (auto* const each : {&servers, &clients}) {
                each->restart();
                each->run_one_for(std::chrono::milliseconds{1});
            }
        }
    }
    void emit() { cancel.emit(asio::cancellation_type::total); }

    temp_directory folder;
    std::shared_ptr<keeping_handler> handler = std::make_shared<keeping_handler>();
    asio::cancellation_signal cancel;
    asio::io_context servers, clients, handlers;
    std::optional<server> served;
    session client;
    error_code told;
    int times = 0;

private:
    [[nodiscard]] bool handlers_wait()
    {
        handlers.restart();
        handlers.poll();
        return !handlers.stopped();
    }
};

}  // namespace quivive::test
