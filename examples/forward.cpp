// forward [ADDR:PORT [BACKEND:PORT]]: DTLS in front of a plain UDP service. Shows two coroutines for one
// session: when one ends, the other is cancelled. `quivive forward` does the same and adds counters, an idle
// time-out for both directions, and idle sessions without a buffer.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <iostream>
#include <vector>

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);  // errors are values here, not exceptions

/// Forwards the client's messages until the session ends. Errors of the UDP socket, such as a refused
/// connection, are ignored: UDP does not guarantee delivery, and neither does this forwarder.
asio::awaitable<void> to_backend(quivive::session& client, udp::socket& backend)
{
    for (;;) {
        const auto [end, message] = co_await client.async_receive(token);
        if (end) co_return;
        co_await backend.async_send(message, token);
    }
}

/// Forwards the service's answers until it is cancelled. It does not stop when the session ends, since
/// messages of the client may still wait to be read. The buffer has one byte more than `max_message_size`, so
/// that a message that is too large fails with `message_size` instead of being sent in part.
asio::awaitable<void> to_client(udp::socket& backend, quivive::session& client)
{
    std::vector<std::byte> buffer(client.max_message_size() + 1);
    for (;;) {
        const auto [refused, size] = co_await backend.async_receive(asio::buffer(buffer), token);
        if (refused) continue;
        const auto [error, sent] = co_await client.async_send(asio::buffer(buffer.data(), size), token);
        if (error == quivive::errc::message_size) std::cout << size << " bytes do not fit" << std::endl;
    }
}

/// Returns a handler that opens a socket for each session, so that the service has one port for each client.
auto forward_to(udp::endpoint service)
{
    return [service](quivive::session client) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        udp::socket backend{client.get_executor(), service.protocol()};
        backend.connect(service);  // the kernel then drops datagrams from other senders
        co_await (to_backend(client, backend) || to_client(backend, client));  // one's end cancels the other
    };
}

udp::endpoint endpoint(int argc, char** argv, int n, const char* otherwise)
{
    return quivive::parse_endpoint(argc > n ? argv[n] : otherwise).value();
}

}  // namespace

int main(int argc, char** argv)
try {
    quivive::server_config config;
    config.listen.push_back(endpoint(argc, argv, 1, "127.0.0.1:5684"));
    config.credentials.self_signed_if_none = true;

    asio::io_context io;
    quivive::server server{io.get_executor(), std::move(config)};
    server.serve(forward_to(endpoint(argc, argv, 2, "127.0.0.1:5683")));
    std::cout << "listening on " << server.local_endpoints().front() << std::endl;
    io.run();
} catch (const std::exception& error) {
    std::cerr << "forward: " << error.what() << '\n';
    return 1;
}
