#include "support/echo_server.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <thread>

namespace quivive::test {

namespace asio = boost::asio;

asio::awaitable<void> echo(session session)
{
    std::array<std::byte, 16'384> buffer;
    for (;;) {
        const auto n = co_await session.async_receive(asio::buffer(buffer), asio::use_awaitable);
        co_await session.async_send(asio::buffer(buffer.data(), n), asio::use_awaitable);
    }
}

server_config loopback_config()
{
    server_config config;
    config.listen = {{asio::ip::address_v4::loopback(), 0}};
    config.credentials.self_signed_if_none = true;
    return config;
}

bool eventually(const std::function<bool()>& done, std::chrono::milliseconds within)
{
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        // Without a pause, allocated() would keep holding malloc's locks, which the server's threads need.
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

bool comes_to_balance(const server& served)
{
    return eventually([&] { return served.metrics().balanced(); });
}

}  // namespace quivive::test
