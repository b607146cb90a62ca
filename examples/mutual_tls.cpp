// mutual_tls ADDR:PORT CERTIFICATE KEY CLIENT_CA: serves only clients with a certificate issued by CLIENT_CA.
// Sends each client the subject of its certificate.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> print_identity(quivive::session session)
{
    // The certificate is verified: without a valid one the handshake fails, and no session exists.
    const auto& info = session.info();
    std::cout << info.peer << " is " << info.peer_subject << std::endl;

    const std::string answer = "you are " + info.peer_subject;
    for (;;) {
        co_await session.async_receive(asio::use_awaitable);
        co_await session.async_send(asio::buffer(answer), asio::use_awaitable);
    }
}

}  // namespace

int main(int argc, char** argv)
try {
    if (argc != 5) throw std::invalid_argument("give ADDR:PORT CERTIFICATE KEY CLIENT_CA");
    quivive::server_config config;
    config.listen.push_back(quivive::parse_endpoint(argv[1]).value());

    auto& credentials = config.credentials;
    credentials.certificate = {.chain_file = argv[2], .key_file = argv[3], .chain_pem = {}, .key_pem = {}};
    credentials.client_auth = quivive::client_certificates::require;
    credentials.client_ca_file = argv[4];

    asio::io_context io;
    quivive::server server{io.get_executor(), std::move(config)};
    server.serve(print_identity);
    std::cout << "listening on " << server.local_endpoints().front() << std::endl;
    io.run();
} catch (const std::exception& error) {
    std::cerr << "mutual_tls: " << error.what() << '\n';
    return 1;
}
