// echo [ADDR:PORT]: sends each message back.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> echo(quivive::session session)  // one coroutine for each session
{
    for (;;) {
        const auto message = co_await session.async_receive(asio::use_awaitable);
        co_await session.async_send(message, asio::use_awaitable);
    }
}

int main(int argc, char** argv)
{
    quivive::server_config config;
    config.listen.push_back(quivive::parse_endpoint(argc > 1 ? argv[1] : "127.0.0.1:4433").value());
    config.credentials.self_signed_if_none = true;

    asio::io_context io;
    quivive::server server{io.get_executor(), config};
    server.serve(echo);
    std::cout << "listening on " << server.local_endpoints().front() << "\npin " << server.pin() << std::endl;
    io.run();
}
