#pragma once

#include "program/forward_handler.hpp"
#include "program/forward_servers.hpp"
#include "support/conversation.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quivive::test {

namespace asio = boost::asio;
using asio::ip::udp;

inline const udp::endpoint anywhere{asio::ip::address_v4::loopback(), 0};

inline std::string text(asio::const_buffer view)
{
    return {static_cast<const char*>(view.data()), view.size()};
}

/// A plain UDP service behind a forwarder.
class plain_service {
public:
    explicit plain_service(asio::io_context& io, const udp::endpoint& at = anywhere) : socket_{io, at} {}

    [[nodiscard]] udp::endpoint address() const { return socket_.local_endpoint(); }

    /// Receives the next message, and the endpoint that it came from.
    asio::awaitable<std::pair<std::string, udp::endpoint>> hear()
    {
        std::string message(20'000, '\0');
        udp::endpoint from;
        message.resize(co_await socket_.async_receive_from(asio::buffer(message), from, asio::use_awaitable));
        co_return std::pair{message, from};
    }
    void tell(const udp::endpoint& to, const std::string& message)
    {
        socket_.send_to(asio::buffer(message), to);
    }
    void close() { socket_.close(); }

private:
    udp::socket socket_;
};

/// A forwarder on its own threads, in front of a plain service.
struct forwarding {
    explicit forwarding(std::chrono::milliseconds idle_timeout = std::chrono::milliseconds{0},
                        quivive::record_layer layer = quivive::record_layer::detached,
                        bool connection_ids = false)
        : rule{{anywhere}, service.address(), idle_timeout}
    {
        auto base = loopback_config();
        base.record_layer = layer;
        base.connection_ids.enabled = connection_ids;
        base.log = [this](log_level, std::string_view line) {
            const std::lock_guard lock{mutex};
            log.emplace_back(line);
        };
        started = quivive::program::make_forwarder(base, rule);
        started.server->serve(started.handler);
    }

    asio::awaitable<session> connect()
    {
        return async_connect(io.get_executor(), started.server->local_endpoints().front(), trusting(),
                             asio::use_awaitable);
    }
    /// Sends a client's first message. Returns the endpoint from which the service receives it.
    asio::awaitable<udp::endpoint> say_first(session& client)
    {
        co_await client.async_send(asio::buffer("first", 5), asio::use_awaitable);
        const auto [message, from] = co_await service.hear();
        CHECK(message == "first");
        co_return from;
    }
    template <typename Talk>
    void run(Talk talk)
    {
        test::run(io, [&]() -> asio::awaitable<int> {
            co_await talk();
            co_return 0;
        }());
    }
    [[nodiscard]] std::uint64_t count(quivive::program::forward_event event) const
    {
        return started.handler->counts()[event];
    }
    [[nodiscard]] std::vector<std::string> lines_with(std::string_view words)
    {
        const std::lock_guard lock{mutex};
        std::vector<std::string> found;
        for (const auto& line : log)
            if (line.find(words) != std::string::npos) found.push_back(line);
        return found;
    }

    asio::io_context io;
    plain_service service{io};
    forward_rule rule;
    std::mutex mutex;
    std::vector<std::string> log;
    quivive::program::forwarder started;
};

inline asio::awaitable<void> tell(session& by, std::string message)
{
    co_await by.async_send(asio::buffer(message), asio::use_awaitable);
}

inline asio::awaitable<std::string> hear(session& by)
{
    co_return text(co_await by.async_receive(asio::use_awaitable));
}

inline asio::awaitable<error_code> end_of(session& by)
{
    const auto [error, view] = co_await by.async_receive(as_values);
    co_return error;
}

inline asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace quivive::test
