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

/// A server, a client, and the handlers of the operations in question, each on an executor of its own, which
/// runs when the test says so.
class three_executors {
public:
    explicit three_executors(std::chrono::milliseconds close_timeout = limits{}.close_timeout)
    {
        auto config = loopback_config();
        config.limits.close_timeout = close_timeout;
        config.state = folder.file("state");
        served.emplace(servers.get_executor(), config);
    }
    ~three_executors() { handler->sessions.clear(); }  // each of which keeps its handler
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

    /// The handler of the operation in question.
    auto tell()
    {
        return asio::bind_executor(
            handlers, asio::bind_cancellation_slot(cancel.slot(), [this](error_code why, auto&&...) {
                told = why;
                ++times;
            }));
    }
    /// It has been begun: nobody has heard of it, and its handler's executor is at work already.
    void is_begun()
    {
        CHECK(handlers_wait());
        CHECK(times == 0);
    }
    /// It waits, whatever `where` does.
    void waits(asio::io_context& where)
    {
        is_begun();
        where.restart();
        where.poll();
        CHECK(handlers_wait());
        CHECK(times == 0);
    }
    /// It is completed with `why`, now that the event has come; and then nothing is left of it.
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
