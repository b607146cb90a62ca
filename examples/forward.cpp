// forward ADDR:PORT BACKEND:PORT: DTLS in front of a plain UDP service. Shows two coroutines for one session,
// of which the end of one ends the other. `quivive forward` is this, with counters, an idle time-out that
// sees both directions, and idle sessions that hold no buffer.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <iostream>
#include <vector>

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);  // errors are values here, not exceptions

/// Until the session ends. What the socket says of a datagram (that nobody listens there, say) ends nothing:
/// UDP promises no more, and neither do we.
asio::awaitable<void> to_backend(quivive::session& client, udp::socket& backend)
{
    for (;;) {
        const auto [end, message] = co_await client.async_receive(token);
        if (end) co_return;
        co_await backend.async_send(message, token);
    }
}

/// Until it is cancelled, since the session may be over while messages of its client still wait to be read. A
/// buffer of one byte more than can be sent tells a message that is too large from one that just fits:
/// `async_send` refuses it, and nothing is ever sent in part.
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

/// A socket for each session: the service sees one client a port, as it always has.
auto forward_to(udp::endpoint service)
{
    return [service](quivive::session client) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        udp::socket backend{client.get_executor(), service.protocol()};
        backend.connect(service);  // from now on, no one else's datagrams reach it
        co_await (to_backend(client, backend) || to_client(backend, client));  // the first end is the end
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
